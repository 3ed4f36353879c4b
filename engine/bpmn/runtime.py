"""One case running through its diagrams: a pure machine without database, clock or person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast
from uuid import UUID

from engine.bpmn import state as states
from engine.bpmn.advancing import advance, run_one
from engine.bpmn.closure import Closure
from engine.bpmn.determinism import Pulse
from engine.bpmn.environment import Environment, Functions, Place, Services
from engine.bpmn.event_definitions import Awaited, Message, Timer
from engine.bpmn.flows import CaseFlow
from engine.bpmn.library import Library
from engine.bpmn.passages import Passage
from engine.bpmn.tokens import Token
from engine.bpmn.values import Refusal, copied
from engine.bpmn.waiting import (
    WaitingMessage,
    WaitingTask,
    WaitingTimer,
    as_message,
    as_task,
    as_timer,
    awaited,
    event_id,
    for_people,
    waiting,
)
from engine.foundation.errors import DiagramFailed, NotFound, ShouhouError, Unavailable
from engine.foundation.text import Text

__all__ = [
    "Functions", "Passage", "Place", "Run", "Services", "WaitingMessage", "WaitingTask", "WaitingTimer",
]  # fmt: skip


class Run:
    """A running case. Every command either succeeds or raises; after DiagramFailed the run must be thrown away.

    The same start and the same commands at the same times give the same ids and, dumped, the same bytes.
    """

    def __init__(self, top: CaseFlow) -> None:
        self._top = top
        self._failed = False

    @classmethod
    def start(
        cls,
        *,
        library: Library,
        process: str,
        case_id: UUID,
        data: dict[str, object],
        at: datetime,
        functions: Functions,
        services: Services,
    ) -> Run:
        """A new case on the start event of `process`, moved on to the first people and timers.

        Raises NotFound for an unknown process, ProblemsFound and DiagramFailed.
        """
        closure = library.closure(process)
        environment = Environment(closure, functions=functions, services=services)
        run = cls(CaseFlow(closure, pulse=Pulse(case_id), environment=environment))
        with run._command(at):
            run._top.begin({})
            for key, value in data.items():
                run._first().store(key, value)
            advance(run._top)
        return run

    @classmethod
    def load(
        cls, *, library: Library, state: bytes, case_id: UUID, functions: Functions, services: Services
    ) -> Run:
        """A case as it was dumped."""
        content = states.read(state)
        closure = library.closure(content["process"])
        environment = Environment(closure, functions=functions, services=services)
        return cls(states.load(content, closure=closure, case_id=case_id, environment=environment))

    def bind(self, *, functions: Functions | None = None, services: Services | None = None) -> None:
        """Gives a kept run the functions and services of the next command."""
        environment = self._top.environment
        environment.functions = environment.functions if functions is None else functions
        environment.services = environment.services if services is None else services

    @property
    def closure(self) -> Closure:
        """What the run was parsed from: its diagrams, tables and known names."""
        return self._top.closure

    @property
    def place(self) -> Place | None:
        """Where the diagram is computing, while it calls a function or service; else None."""
        return self._top.environment.place

    @property
    def outcome(self) -> str | None:
        """The end event that ended the case, None while it runs."""
        return self._top.outcome if self._top.completed else None

    @property
    def data(self) -> dict[str, object]:
        """A copy of the data of the case; what a called diagram writes is in it once that has ended."""
        return cast(dict[str, object], copied(self._top.data_here))

    def data_of(self, task_id: UUID) -> dict[str, object]:
        """A copy of all data that a waiting task, timer or message event sees. Raises NotFound."""
        return cast(dict[str, object], copied(dict(self._token(task_id).data)))

    def tasks(self) -> list[WaitingTask]:
        """The work that waits for people, oldest first."""
        return [as_task(token) for token in self._waiting() if for_people(token)]

    def timers(self) -> list[WaitingTimer]:
        """The timers that wait, oldest first."""
        return [as_timer(token, event) for token, event in self._awaited() if event.due is not None]

    def messages(self) -> list[WaitingMessage]:
        """The message events that wait, oldest first."""
        events = (each for each in self._awaited() if isinstance(each[1].definition, Message))
        return [as_message(token, event) for token, event in events]

    def next_due(self, until: datetime) -> WaitingTimer | None:
        """The earliest timer due at or before `until`; of several due at once, the one armed first."""
        due = (timer for timer in self.timers() if timer.due_at <= until)
        return min(due, key=lambda timer: timer.due_at, default=None)

    def complete(self, task_id: UUID, answers: dict[str, object], *, at: datetime) -> None:
        """A person has done a task; the answers are stored under the id of its element.

        Raises NotFound unless the task waits for a person.
        """
        token = self._top_token(task_id)
        if token is None or not for_people(token):
            raise NotFound(_NO_TASK)
        with self._command(at):
            token.store(token.task_spec.bpmn_id, answers)
            run_one(self._top, token)
            advance(self._top)

    def deliver(
        self, element: str, payload: dict[str, object], *, at: datetime, task_id: UUID | None = None
    ) -> None:
        """A message has reached the event `element`, and only that; the payload is stored under its id.

        Several instances may wait at the same element: `task_id` says which, else it is the oldest.
        Raises NotFound when none waits.
        """
        for token, event in self._awaited():
            fits = event.element == element and task_id in (None, event_id(token, event))
            if fits and isinstance(event.definition, Message):
                with self._command(at):
                    token.task_spec.happen(token, element, _plain(token, payload))
                    advance(self._top)
                return
        raise NotFound(_NO_MESSAGE.format(element=element))

    def fire(self, timer_id: UUID, *, at: datetime) -> None:
        """That timer, and no other, has run out; what follows happens at its due moment, or at `at` if that is earlier.

        Raises NotFound when it does not wait any more.
        """
        token, event = self._timer(timer_id)
        assert event.due is not None
        with self._command(min(event.due, at)):
            token.task_spec.happen(token, event.element)
            advance(self._top)

    def retime(self, timer_id: UUID, due_at: datetime) -> None:
        """Moves a waiting timer to another moment. Raises NotFound when it does not wait any more."""
        token, event = self._timer(timer_id)
        token.task_spec.retime(token, event.element, due_at)

    def take_path(self) -> list[Passage]:
        """What happened on the diagrams since the last call, oldest first."""
        return self._top.journal.take()

    def dump(self) -> bytes:
        """The state, to be kept together with the release it runs on."""
        self._require_sound()
        return states.dump(self._top)

    def _require_sound(self) -> None:
        if self._failed:
            raise RuntimeError("a run that has failed must be thrown away")

    def _first(self) -> Token:
        """The token on the start event, which tells the data that the case began with."""
        return next(waiting(self._top))

    @contextmanager
    def _command(self, at: datetime) -> Iterator[None]:
        """One change of the run; whatever goes wrong inside becomes DiagramFailed and spoils the run."""
        self._require_sound()
        self._failed = True  # until the command has succeeded: it may also be broken off
        self._top.pulse.set(at)
        try:
            yield
        except (DiagramFailed, Unavailable):
            raise
        except Exception as error:
            raise self._explained(error) from error
        finally:
            self._top.environment.at = None
        self._failed = False

    def _explained(self, error: Exception) -> DiagramFailed:
        token = self._top.environment.at
        reason = error.text if isinstance(error, ShouhouError) else _fault(error)
        if token is None:
            return self._top.closure.failure(reason, process=self._top.process, element=None)
        return token.failure(reason)

    def _waiting(self) -> Iterator[Token]:
        self._require_sound()
        return waiting(self._top)

    def _awaited(self) -> Iterator[tuple[Token, Awaited]]:
        self._require_sound()
        return awaited(self._top)

    def _top_token(self, id: UUID) -> Token | None:
        self._require_sound()
        return next((flow.tasks[id] for flow in self._top.flows() if id in flow.tasks), None)

    def _token(self, id: UUID) -> Token:
        token = self._top_token(id) or next((t for t, e in self._awaited() if event_id(t, e) == id), None)
        if token is None or not token.live:
            raise NotFound(_NO_TASK)
        return token

    def _timer(self, timer_id: UUID) -> tuple[Token, Awaited]:
        for token, event in self._awaited():
            if isinstance(event.definition, Timer) and event_id(token, event) == timer_id:
                return token, event
        raise NotFound(_NO_TIMER)


def _plain(token: Token, payload: dict[str, object]) -> dict[str, object]:
    try:
        return cast(dict[str, object], copied(payload))
    except Refusal as refusal:
        raise token.failure(refusal.reason) from refusal


def _fault(error: Exception) -> Text:
    reason = error.reason if isinstance(error, Refusal) else Text(zh=repr(error), en=repr(error))
    return Text(zh=f"内部错误 {reason.zh}", en=f"internal error {reason.en}")


_NO_TASK = Text(
    zh="该任务已不在等待处理, 可能已被完成或取消; 请刷新页面。",
    en="Expected a task that waits, but it was completed or cancelled; reload the page.",
)
_NO_TIMER = Text(
    zh="该定时器已不在等待, 可能已到期或取消。",
    en="Expected a timer that waits, but it has run out or was cancelled.",
)
_NO_MESSAGE = Text(
    zh="案件当前没有在“{element}”等待消息; 请刷新页面。",
    en="Expected the case to wait for a message at '{element}', but it does not; reload the page.",
)

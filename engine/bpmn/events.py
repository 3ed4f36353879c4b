"""Events: what a token waits for, what ends a path, and what interrupts an activity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as library
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import TaskState

from engine.bpmn.event_definitions import Awaited, Fault, Message, Timer
from engine.bpmn.stepwise import Stepwise, armed, family, host_of
from engine.bpmn.tokens import Scope, Token
from engine.foundation.text import Text


class Catching(Stepwise):
    """Elements at which a token waits for an event; nothing happens by itself, the run says what has happened."""

    name: str
    event_definition: Any

    def awaited(self, token: Token) -> Iterator[Awaited]:
        """What the waiting token waits for."""
        if isinstance(self.event_definition, (Timer, Message)):
            due = token.internal_data.get("due")
            yield Awaited(self.name, self.event_definition, datetime.fromisoformat(due) if due else None)

    def happen(self, token: Token, element: str, payload: dict[str, object] | None = None) -> None:
        """The event `element` has happened."""
        token.internal_data["happened"] = element
        if payload is not None:
            token.internal_data["payload"] = payload
        token.task_spec._update(token)

    def retime(self, token: Token, _element: str, due: datetime) -> None:
        """Moves the moment that a timer waits for."""
        token.internal_data["due"] = due.astimezone(UTC).isoformat()

    def sets(self) -> frozenset[str]:
        """A message stores its payload under the id of the event."""
        return frozenset({self.name} if isinstance(self.event_definition, Message) else ())

    def arm(self, token: Token) -> None:
        """Prepares the token for waiting."""
        if isinstance(self.event_definition, Timer):
            self.retime(token, self.name, self.event_definition.due(token))

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        if isinstance(self.event_definition, NoneEventDefinition) or "happened" in token.internal_data:
            return True
        if token.state != TaskState.WAITING:
            self.arm(token)
            token._set_state(TaskState.WAITING)
        return False

    def _on_ready_hook(self, token: Token) -> None:
        """The library's event register is not used."""

    def _run_hook(self, token: Token) -> bool:
        if "payload" in token.internal_data:
            token.store(self.name, token.internal_data.pop("payload"))
        return True

    def _on_cancel(self, token: Token) -> None:
        """The library's event register is not used."""


class StartEvent(Catching, library.StartEvent):  # type: ignore[misc]  # untyped library
    """Where a diagram begins; at the top it holds the answers of the start form."""

    def sets(self) -> frozenset[str]:
        """The answers of the start form."""
        return frozenset({self.name})


class CatchEvent(Catching, library.IntermediateCatchEvent):  # type: ignore[misc]  # untyped library
    """Waits on the path."""


class BoundaryEvent(Catching, library.BoundaryEvent):  # type: ignore[misc]  # untyped library
    """Waits beside an activity and, when it happens, interrupts it or opens a side path.

    A message or escalation that does not interrupt may happen again while the activity goes on; a timer runs out once.
    """

    attached = True
    cancel_activity: bool

    def _on_complete_hook(self, token: Token) -> None:
        host = host_of(token)
        if host is not None:
            hand_out(host, token)
        if self.cancel_activity:
            for member in family(token):
                member.cancel()
        elif host is not None and not isinstance(self.event_definition, Timer):
            self._update(token.parent._add_child(self))


class EventGateway(Stepwise, library.EventBasedGateway):  # type: ignore[misc]  # untyped library
    """Waits for the first of several events; the catching events behind it only mark which one it was."""

    def __init__(self, wf_spec: Any, bpmn_id: str, event_definition: Any = None, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, event_definition, **attributes)
        self.options: dict[str, Timer | Message] = {}

    def connect(self, child: Any) -> None:
        """Takes over what the event waits for."""
        self.options[child.name] = child.event_definition
        child.event_definition = NoneEventDefinition()
        TaskSpec.connect(self, child)

    def sets(self) -> frozenset[str]:
        """Each message stores its payload under the id of its event."""
        return frozenset(name for name, option in self.options.items() if isinstance(option, Message))

    def awaited(self, token: Token) -> Iterator[Awaited]:
        """What the waiting token waits for."""
        for name, option in self.options.items():
            due = token.internal_data["due"].get(name)
            yield Awaited(name, option, datetime.fromisoformat(due) if due else None)

    def happen(self, token: Token, element: str, payload: dict[str, object] | None = None) -> None:
        """The event `element` was the first."""
        token.internal_data["happened"] = element
        if payload is not None:
            token.internal_data["payload"] = payload
        self._update(token)

    def retime(self, token: Token, element: str, due: datetime) -> None:
        """Moves the moment that one of the timers waits for."""
        token.internal_data["due"][element] = due.astimezone(UTC).isoformat()

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        if token.state != TaskState.WAITING:
            token.internal_data["due"] = {}
            for name, option in self.options.items():
                if isinstance(option, Timer):
                    self.retime(token, name, option.due(token))
            token._set_state(TaskState.WAITING)
        return "happened" in token.internal_data

    def _on_ready_hook(self, token: Token) -> None:
        """The library's event register is not used."""

    def _run_hook(self, token: Token) -> bool:
        chosen = token._add_child(self._wf_spec.task_specs[token.internal_data["happened"]])
        if "payload" in token.internal_data:
            chosen.internal_data["payload"] = token.internal_data.pop("payload")
        return True

    def _on_cancel(self, token: Token) -> None:
        """The library's event register is not used."""


class ThrowEvent(Stepwise, library.IntermediateThrowEvent):  # type: ignore[misc]  # untyped library
    """Marks a moment on the path, or raises an escalation."""

    def _run_hook(self, token: Token) -> bool:
        if isinstance(self.event_definition, Fault):
            throw(token, self.event_definition)
        return True


class EndEvent(Stepwise, library.EndEvent):  # type: ignore[misc]  # untyped library
    """Ends a path; an error or escalation is thrown to the boundary around, a terminate event ends the diagram."""

    def _run_hook(self, token: Token) -> bool:
        if isinstance(self.event_definition, Fault):
            throw(token, self.event_definition)
        return True

    def _on_complete_hook(self, token: Token) -> None:
        flow = token.workflow
        flow.ended_at(self.name)
        if isinstance(self.event_definition, TerminateEventDefinition):
            flow.outcome = self.name
            flow.cancel_live()


def throw(token: Token, fault: Fault) -> None:
    """Wakes the nearest boundary event around that catches the fault; an exact code goes before a catch-all.

    The library wakes every matching event of the whole case, also on activities that have nothing to do with it.
    An escalation that nobody catches is forgotten; an error that nobody catches stops the diagram.
    """
    host = token.workflow.host
    while host is not None:
        catchers = [event for event in armed(host) if _catches(event, fault)]
        if catchers:
            first = min(catchers, key=lambda event: event.task_spec.event_definition.code is None)
            first.task_spec.happen(first, first.task_spec.name)
            return
        host = host.workflow.host
    if fault.kind == "error":
        raise token.failure(_uncaught(fault))


def _catches(event: Token, fault: Fault) -> bool:
    definition = event.task_spec.event_definition
    return isinstance(definition, Fault) and definition.catches(fault)


def hand_out(host: Token, event: Token) -> None:
    """Brings what was written so far below `host` to where the boundary event continues; the innermost wins."""
    flow = host.workflow.top_workflow.below(host)
    if flow is None:
        return
    inner = flow.data_here
    if isinstance(inner, Scope) and inner is not host.data:
        for key, value in list(inner.local.items()):
            event.store(key, value)
    for token in flow.waiting():
        hand_out(token, event)


def _uncaught(fault: Fault) -> Text:
    return Text(
        zh=f"错误“{fault.code}”没有被任何边界事件捕获; 请在调用它的步骤上画一个错误边界事件",
        en=f"nobody catches the error '{fault.code}'; draw an error boundary event on the calling activity",
    )

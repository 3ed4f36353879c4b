"""One command on one case, inside its transaction: the verbs that may stand in a `with cases.step(...)` block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, update

from engine.bpmn.library import Library
from engine.bpmn.runtime import Passage, Run
from engine.cases import arming, projection, task_limits
from engine.cases.answers import Given, checked
from engine.cases.command import Command
from engine.cases.pausing import pause_reasons
from engine.cases.permission import require_may_act, require_may_answer, require_untouched
from engine.cases.row import CaseRow, require_running
from engine.cases.wiring import Wiring
from engine.desk import attachments
from engine.desk.deadlines import checked_reason
from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.models import Task
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text

LONGEST_NOTE = 8000  # letters


class Step:
    """The case under lock; one verb is called, then `close` writes everything that follows from it."""

    def __init__(
        self,
        *,
        tx: Connection,
        row: CaseRow,
        library: Library,
        wiring: Wiring,
        actor: Actor,
        at: datetime,
        obtain: Callable[[Step], Run],
    ) -> None:
        self.tx = tx
        self.row = row
        self.library = library
        self.wiring = wiring
        self.actor = actor
        self.at = at
        self.command: Command | None = None
        self.path: list[Passage] = []
        self._obtain = obtain
        self._run: Run | None = None
        self._before = projection.NOTHING

    # -- verbs that move the diagrams ---------------------------------------------------------------------------

    def begin(self, run: Callable[[], Run], command: Command) -> None:
        """Start the diagrams; `run` makes the new instance."""
        self.command = command
        self._run = run()

    def complete(self, task_id: UUID, answers: Given, *, revision: int | None = None) -> None:
        """A person finishes a task; `answers` come as they were typed and are checked against the task's form.

        The customer may finish what the drawing says is `answered_by` the customer, whoever of us holds it.
        Raises InvalidAnswers naming each wrong field, Forbidden outside the group or for a handler who may not
        decide, Conflict when another person holds the task, the page is stale, or the task is gone (by whom).
        """
        task = self._task(task_id, revision=revision)
        if self.actor.is_customer:
            require_may_answer(self.actor, task, self.library)
        else:
            require_may_act(self.tx, self.actor, task, zone=self.wiring.zone)
        checked = self._checked(task, answers)
        self.command = Command("task:complete", {"answers": checked}, task.process, task.element, task_id)
        self.wiring.note_handler(task.process, task.element)
        self.run.complete(task_id, checked, at=self.at)

    def send(self, task_id: UUID, answers: Given) -> None:
        """A person presses a button of the case (a message event that people may send). Raises as `complete`."""
        task = self._task(task_id)
        require_may_act(self.tx, self.actor, task, zone=self.wiring.zone)
        checked = self._checked(task, answers)
        self.command = Command("message:send", {"answers": checked}, task.process, task.element, task_id)
        self.run.deliver(task.element, checked, at=self.at, task_id=task_id)

    def deliver(self, element: str, payload: Mapping[str, Any]) -> None:
        """A message from outside reaches the event `element` that waits for it; raises NotFound when none waits."""
        self.command = Command("message:deliver", {"answers": dict(payload)}, None, element)
        self.run.deliver(element, dict(payload), at=self.at)

    def fire(self, timer_id: UUID) -> None:
        """A timer goes off; the step's `at` is its due moment. Raises NotFound when it does not wait any more."""
        timer = next((t for t in self.run.timers() if t.id == timer_id), None)
        if timer is None and (limit := task_limits.waiting(self.tx, self.row, timer_id)) is not None:
            return self._tell_late(limit)
        if timer is None:
            raise NotFound(Text(zh="这个定时器已不再等待。", en="This timer does not wait any more."))
        self.command = Command("timer:fire", {}, timer.process, timer.element, timer_id)
        return self.run.fire(timer_id, at=self.at)

    # -- verbs that only add to what is known -------------------------------------------------------------------------

    def attach(self, files: Sequence[attachments.CheckedFile]) -> None:
        """Keep files with the case, also after its end; their SHA-256 stands in its history. Raises Forbidden, Rejection."""
        require(self.actor, "add_attachment", Target(label=self.row["number"]))
        self.command = Command("attachment:add", {"files": self._keep(files)})
        self.wiring.tell_who_handles()

    def note(self, text: str, files: Sequence[attachments.CheckedFile] = ()) -> None:
        """Somebody has more to say on the case, also after its end. Raises Forbidden, Rejection."""
        require(self.actor, "add_note", Target(label=self.row["number"]))
        if not text.strip() or len(text) > LONGEST_NOTE:
            raise Rejection(_NO_NOTE.format(most=LONGEST_NOTE))
        self.command = Command(
            "note:add", {"text": text.strip()} | ({"files": self._keep(files)} if files else {})
        )
        self.wiring.tell_who_handles()

    def rate(self, scores: Mapping[str, Any]) -> None:
        """The customer says how satisfied they are; whoever calls them finds it filled in. Raises Forbidden."""
        require(self.actor, "rate_case", Target(label=self.row["number"]))
        self.command = Command("customer:rate", {"rating": dict(scores)})
        self.wiring.tell_who_handles()

    # -- verbs that only concern people and clocks ----------------------------------------------------------------

    def claim(self, task_id: UUID, *, revision: int | None = None) -> None:
        """Take a task of one's group. Raises as `complete`."""
        task = self._task(task_id, revision=revision)
        require_may_act(self.tx, self.actor, task, zone=self.wiring.zone)
        self._hand(task, "task:claim", assignee=self.actor.id, delegated_by=None, reason=None)

    def release(self, task_id: UUID, *, revision: int | None = None) -> None:
        """Give a task back to its group: the holder, or a manager."""
        task = self._task(task_id, revision=revision)
        require(self.actor, "release_task", Target(label=task.element, assignee=task.assignee))
        self._hand(task, "task:release", assignee=None, delegated_by=None, reason=None)

    def delegate(self, task_id: UUID, *, person: str, reason: str, revision: int | None = None) -> None:
        """The holder hands a task to a colleague of its group, with a reason. Raises as `complete`, and Rejection."""
        task = self._task(task_id, revision=revision)
        require(self.actor, "delegate_task", Target(label=task.element, assignee=task.assignee))
        self._give(task, "task:delegate", person, reason, delegated_by=self.actor.id)

    def reassign(self, task_id: UUID, *, person: str, reason: str, revision: int | None = None) -> None:
        """A manager gives a task to a person of its group, whoever holds it (R-042), with a reason."""
        require(self.actor, "reassign_task")
        self._give(self._task(task_id, revision=revision), "task:reassign", person, reason, delegated_by=None)

    def take_back(self, task_id: UUID, *, revision: int) -> None:
        """Who handed a task over undoes it while the new holder has not touched it. Raises Refused, Conflict."""
        task = self._task(task_id, revision=revision)
        require_untouched(self.tx, self.actor, task)
        self._hand(task, "task:take_back", assignee=self.actor.id, delegated_by=None, reason=None)

    def pause(self, reason: str) -> None:
        """Stop the customer's clock for an allowed reason (product decision 9). Raises Rejection or Conflict."""
        self._require("pause_case")
        self.command = Command(
            "case:pause", {"reason": checked_reason(reason, allowed=pause_reasons(self.library))}
        )
        if self.row["paused_at"] is not None:
            raise Conflict(Text(zh="案例已经暂停。", en="The case is paused already."))
        self.row["paused_at"], self.row["pause_reason"] = self.at, reason
        self._retime(arming.pause(self.tx, self.row, self.wiring, at=self.at))
        self.wiring.promises.pause(at=self.at)

    def resume(self) -> None:
        """Let the customer's clock run on with what was left. Raises Conflict when it runs."""
        self._require("pause_case")
        self.command = Command("case:resume", {"reason": self.row["pause_reason"]})
        if self.row["paused_at"] is None:
            raise Conflict(Text(zh="案例没有暂停。", en="The case is not paused."))
        self.row["paused_at"] = self.row["pause_reason"] = None
        self.wiring.promises.resume(at=self.at)
        self._retime(arming.resume(self.tx, self.row, self.wiring, at=self.at))

    def move_deadline(self, timer_id: UUID, *, due_at: datetime, reason: str) -> None:
        """Intervene: a waiting timer gets another due moment; the reason is kept."""
        self._require("intervene")
        if not reason.strip():
            raise Rejection(Text(zh="请写明调整原因。", en="Expected a reason for moving it; write one."))
        timer: Any = next((t for t in self.run.timers() if t.id == timer_id), None)
        timer = timer or task_limits.waiting(self.tx, self.row, timer_id)
        if timer is None or due_at <= self.at:
            raise Rejection(
                Text(
                    zh="应选择一个仍在等待的定时器和将来的时刻。",
                    en="Expected a timer that still waits and a moment in the future.",
                )
            )
        written = {"due_at": due_at.isoformat(), "reason": reason}
        self.command = Command("intervene:deadline", written, timer.process, timer.element, timer_id)
        self._retime(arming.move(self.tx, self.row, timer_id, due_at=due_at))

    def cancel(self, *, reason: str) -> None:
        """Intervene: end the case at once, with a reason; whatever waits is withdrawn."""
        self._require("intervene")
        if not reason.strip():
            raise Rejection(Text(zh="请写明取消原因。", en="Expected a reason for cancelling; write one."))
        self.command = Command("intervene:cancel", {"reason": reason})
        projection.withdraw_all(self.tx, self.row)
        self.row["outcome"], self.row["status"], self.row["ended_at"] = "cancelled", "cancelled", self.at
        self.row.changed["state"] = None

    # -- what the door asks ----------------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """The diagrams of the case, loaded when first needed. Raises Conflict when the case has ended."""
        if self._run is None:
            self._run = self._obtain(self)
            self._before = projection.waiting(self._run)
        return self._run

    @property
    def task_name(self) -> Text | None:
        """What the element that the command concerns is called."""
        command = self.command
        if command is None or command.process is None or command.element is None:
            return None
        return self.library.diagrams[command.process].elements[command.element].name

    @property
    def moved(self) -> Run | None:
        """The run, if this step touched the diagrams."""
        return self._run

    def settle(self) -> None:
        """Bring tasks, timers, clocks and the case's own columns in line with the diagrams."""
        if self._run is None:
            return
        self.path += self._run.take_path()
        self._retime(projection.settle(self, before=self._before, after=projection.waiting(self._run)))

    def _task(self, task_id: UUID, *, revision: int | None = None) -> Any:
        return projection.task_of(self.tx, self.row, task_id, revision=revision, zone=self.wiring.zone)

    def silence(self, limit: str) -> None:
        """A promise is met: the timers that watched it wait for ever, until their host ends."""
        self._retime(arming.silence(self.tx, self.row, limit))

    def _tell_late(self, limit: Any) -> None:
        """A task is not done within its limit: its task stays, and whoever answers for its group hears of it."""
        task = self._task(limit.id)
        self.command = Command(task_limits.OVERDUE, {}, limit.process, limit.element, limit.id)
        task_limits.end(self.tx, self.row, limit.id)
        self.wiring.tell_who_answers(task)

    def _require(self, act: str) -> None:
        require(self.actor, act, Target(label=self.row["number"], handler=self.row["handler"]))
        require_running(self.row)

    def _keep(self, files: Sequence[attachments.CheckedFile]) -> list[dict[str, Any]]:
        outside = self.actor.is_outside
        return attachments.keep(self.tx, self.row.keys, files, by=self.actor.id, at=self.at, outside=outside)

    def _checked(self, task: Any, given: Given) -> dict[str, Any]:
        form = self.library.forms.get(self.library.diagrams[task.process].elements[task.element].form)
        return checked(self.tx, form, given)

    def _give(self, task: Any, kind: str, person: str, reason: str, *, delegated_by: str | None) -> None:
        if not reason.strip():
            raise Rejection(
                Text(zh="请写明转交原因。", en="Expected a reason for handing the task over; write one.")
            )
        projection.require_candidate(self.tx, task, person, kept_out=self.row["kept_out"] or ())
        self._hand(task, kind, assignee=person, delegated_by=delegated_by, reason=reason)

    def _hand(
        self, task: Any, kind: str, *, assignee: str | None, delegated_by: str | None, reason: str | None
    ) -> None:
        written = {"from": task.assignee, "to": assignee} | ({"reason": reason} if reason else {})
        self.command = Command(kind, written, task.process, task.element, task.id)
        keys = (Task.shard_key == self.row["shard_key"], Task.case_id == self.row.id, Task.id == task.id)
        values = {
            "assignee": assignee,
            "delegated_by": delegated_by,
            "claimed_at": self.at if assignee else None,
            "revision": task.revision + 1,
        }
        self.tx.execute(update(Task).where(*keys).values(**values))
        if task.kind == "task":
            projection.count_queue(
                self.tx, self.row, {task.group_id: int(assignee is None) - int(task.assignee is None)}
            )

    def _retime(self, moved: list[tuple[UUID, datetime]]) -> None:
        assert self.command is not None
        for timer_id, due_at in moved:
            self.run.retime(timer_id, due_at)
            self.command.retimed.append((str(timer_id), due_at.isoformat()))


_NO_NOTE = Text(
    zh="请写下要补充的内容(最多 {most} 字)。", en="Write what you want to add (at most {most} letters)."
)

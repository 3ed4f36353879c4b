"""A desk on a simulated clock: the real engine driven as its people would, for tests, demonstrations and rehearsals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.acts import schedules, timers, worklist
from engine.acts.plausible import plausible
from engine.bpmn.forms import Form
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.desk import people
from engine.foundation.errors import NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Task
from engine.foundation.security import Actor
from engine.foundation.text import same
from engine.record.history import EventRow, of_case


@dataclass
class SimulatedClock:
    """A clock that stands still until it is moved; `now` is an aware UTC moment."""

    now: datetime

    def advance(self, **spans: float) -> datetime:
        """Move forward by a timedelta's keywords (hours=2, days=1 ...)."""
        self.now += timedelta(**spans)
        return self.now


@dataclass
class Desk:
    """A service desk in fast motion; every act goes through the same calls as the pages."""

    cases: Cases
    clock: SimulatedClock
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, person: str) -> Actor:
        """The signed-in person."""
        if person not in self._actors:
            with self.cases.database.read() as tx:
                self._actors[person] = people.actor_of(tx, person, at=self.clock.now)
        return self._actors[person]

    def open(self, process: str, *, by: str, received_at: datetime | None = None, **answers: Any) -> Matter:
        """Open a case as `by` with the answers of the process's start form."""
        form = next(s.form for s in worklist.startable(self.cases) if s.process == process)
        if form is not None:
            answers = plausible(form, answers, at=self.clock.now)
        number = worklist.start(
            self.cases, process, answers, actor=self.actor(by), now=self.clock.now, received_at=received_at
        )
        return Matter(self, number, worklist.case_id(self.cases, number))

    def wait(self, **spans: float) -> int:
        """Let time pass (timedelta's keywords); everything that falls due fires at its own moment."""
        return self.wait_until(self.clock.now + timedelta(**spans))

    def wait_until(self, moment: datetime) -> int:
        """Let time pass up to `moment`; returns how many timers fired."""
        target, fired = max(self.clock.now, moment), 0
        while (at := schedules.next_moment(self.cases, until=target)) is not None:
            self.clock.now = max(self.clock.now, at)
            fired += timers.fire_due(self.cases, now=self.clock.now)
            schedules.start_due(self.cases, now=self.clock.now)
        self.clock.now = target
        return fired + timers.fire_due(self.cases, now=target)


@dataclass(frozen=True)
class Matter:
    """One case of the desk."""

    desk: Desk
    number: str
    id: UUID

    def do(self, element: str, *, by: str | None = None, **answers: Any) -> None:
        """Complete the open task `element`, as `by` or as whoever should; the story gives the answers that matter.

        Raises as the worklist does.
        """
        task = self.task(element)
        actor = self.desk.actor(by or self._suited(task))
        with self.desk.cases.step(self.id, actor=actor, now=self.desk.clock.now) as run:
            run.complete(task.id, self._filled(task, answers))

    def press(self, element: str, *, by: str, **answers: Any) -> None:
        """Press the button that sends the message `element` waits for."""
        button = self._waiting("message", element)
        worklist.send(
            self.desk.cases,
            self.number,
            button.id,
            answers,
            actor=self.desk.actor(by),
            now=self.desk.clock.now,
        )

    def task(self, element: str) -> Any:
        """The open task at `element`; raises NotFound listing what is open instead."""
        return self._waiting("task", element)

    def who(self, element: str) -> str:
        """Who should do the task: its assignee, or the first member of its group who may."""
        return self._suited(self.task(element))

    def waiting(self, kind: str) -> list[Any]:
        """The open rows of a kind ("task", or "message" for buttons), oldest first."""
        with self.desk.cases.database.read() as tx:
            return _tasks(tx, self.id, kind)

    def form(self, element: str, kind: str) -> Form | None:
        """The form of an open task or button."""
        return self._form_of(self._waiting(kind, element))

    @property
    def tasks(self) -> list[str]:
        """The elements whose tasks wait, in the order in which they were created."""
        return [t.element for t in self.waiting("task")]

    @property
    def buttons(self) -> list[str]:
        """The elements whose messages people may send now."""
        return [t.element for t in self.waiting("message")]

    @property
    def row(self) -> Any:
        """The case's columns as they are stored."""
        with self.desk.cases.database.read() as tx:
            return tx.execute(_CASE_ROW, _key(self.id)).one()

    @cached_property
    def library(self) -> Library:
        """The parsed files of the release on which the case runs."""
        return self.desk.cases.library(self.row.release)

    @property
    def outcome(self) -> str | None:
        """The end event that the case reached; None while it runs."""
        return self.row.outcome  # type: ignore[no-any-return]

    @property
    def history(self) -> list[EventRow]:
        """Every recorded command."""
        with self.desk.cases.database.read() as tx:
            return of_case(tx, self.id)

    def passed(self, element: str) -> int:
        """How often `element` was completed."""
        steps = (p for e in self.history for p in e.content.get("path", ()))
        return sum(p["e"] == element and p["s"] == "completed" for p in steps)

    def _filled(self, task: Any, answers: dict[str, Any]) -> dict[str, Any]:
        form = self._form_of(task)
        return plausible(form, answers, at=self.desk.clock.now) if form is not None else answers

    def _form_of(self, task: Any) -> Form | None:
        return self.library.forms.get(self.library.diagrams[task.process].elements[task.element].form)

    def _suited(self, task: Any) -> str:
        if task.assignee is not None:
            return str(task.assignee)
        with self.desk.cases.database.read() as tx:
            members = people.members(tx, task.group_id, self.desk.clock.now)
        barred = {*(task.excluded or ()), *(self.row.kept_out or ())}
        able = [m for m in members if m not in barred]
        if not able:
            raise NotFound(same(f"nobody in group {task.group_id} may do {task.element} of {self.number}"))
        return able[0]

    def _waiting(self, kind: str, element: str) -> Any:
        rows = self.waiting(kind)
        found = next((r for r in rows if r.element == element), None)
        if found is None:
            raise NotFound(
                same(f"{self.number} waits for {[r.element for r in rows] or 'nothing'}, not for {element}")
            )
        return found


def _tasks(tx: Connection, case_id: UUID, kind: str) -> list[Any]:
    return list(tx.execute(_OPEN, {**_key(case_id), "kind": kind}).all())


def _key(case_id: UUID) -> dict[str, Any]:
    return {"shard": shard_key(case_id), "case": case_id}


_CASE_ROW = select(Case.__table__).where(Case.shard_key == bindparam("shard"), Case.id == bindparam("case"))
_OPEN = (
    select(Task.__table__)
    .where(Task.shard_key == bindparam("shard"), Task.case_id == bindparam("case"))
    .where(Task.kind == bindparam("kind"))
    .order_by(Task.created_at, Task.id)
)

"""The worklist: find, claim, hand over and complete tasks, and start cases; what staff do all day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.acts.open_task import Action, OpenTask, open_task, save_draft
from engine.acts.queues import TaskLine, counts, first, inbox
from engine.bpmn.forms import Form
from engine.bpmn.library import Library, once_per_release
from engine.cases import AlreadyApplied, Cases, Opening
from engine.cases.answers import Given, checked
from engine.foundation.errors import NotFound
from engine.foundation.security import Actor, require
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Startable:
    """A process that people may start, with the form that opens it and the group in whose lane it begins."""

    process: str
    name: Text
    form: Form | None
    group: str | None = None

    @property
    def for_customers(self) -> bool:
        """It begins with what a customer says: the form asks by which way that came."""
        return self.form is not None and any(field.name == "channel" for field in self.form.fields)


@dataclass(frozen=True, slots=True)
class Finished:
    """What completing a task leads to: what the task was called (None for a repeated request), and the next one."""

    name: Text | None
    following: TaskLine | None


def startable(cases: Cases) -> list[Startable]:
    """The processes of the current release that people may start, in the order of their files."""
    return list(_startable(cases.current_library()).values())


@once_per_release
def _startable(library: Library) -> Mapping[str, Startable]:
    return {
        d.process: Startable(d.process, d.name, library.forms.get(d.start.form), d.start.group)
        if d.start
        else Startable(d.process, d.name, None)
        for d in library.diagrams.values()
        if d.properties.get("starts") == "case"
    }


def start(
    cases: Cases,
    process: str,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
    received_at: datetime | None = None,
) -> str:
    """Open a case with the answers of the process's start form; returns its number.

    Anyone may open a case (product decision 2). Raises InvalidAnswers, NotFound for an unknown process,
    IncidentRaised, Unavailable. The same `key` (a UUID) opens one case only.
    """
    require(actor, "open_case")
    release, library = cases.current()
    chosen = _startable(library).get(process)
    if chosen is None:
        raise NotFound(
            Text(
                zh="没有可以发起的这个流程。",
                en="There is no process of that name that people may start.",
            )
        )
    opening = Opening(
        process=process, answers=_checked(cases, chosen.form, raw), received_at=received_at, release=release
    )
    try:
        case_id = cases.start(opening, actor=actor, now=now, key=key)
    except AlreadyApplied as applied:
        case_id = applied.case_id
    return number_of(cases, case_id)


def claim(
    cases: Cases,
    number: str,
    task_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    key: str | None = None,
) -> None:
    """Take a task of one's group. Raises Forbidden, Conflict."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.claim(task_id, revision=revision)


def release(
    cases: Cases,
    number: str,
    task_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    key: str | None = None,
) -> None:
    """Give a task back to its group. Raises Forbidden, Conflict."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.release(task_id, revision=revision)


def delegate(
    cases: Cases,
    number: str,
    task_id: UUID,
    *,
    person: str,
    reason: str,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    key: str | None = None,
) -> None:
    """Hand one's own task to a colleague of the same group. Raises Forbidden, Conflict, Rejection."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.delegate(task_id, person=person, reason=reason, revision=revision)


def take_back(
    cases: Cases,
    number: str,
    task_id: UUID,
    *,
    revision: int,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Undo one's own hand-over while the new holder has not begun. Raises Forbidden, Conflict."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.take_back(task_id, revision=revision)


def reassign(
    cases: Cases,
    number: str,
    task_id: UUID,
    *,
    person: str,
    reason: str,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    key: str | None = None,
) -> None:
    """A manager gives a task to somebody of its group, whoever holds it (R-042). Raises Forbidden, Conflict, Rejection."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.reassign(task_id, person=person, reason=reason, revision=revision)


def complete(
    cases: Cases,
    number: str,
    task_id: UUID,
    given: Given,
    *,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    key: str | None = None,
) -> Finished:
    """Finish a task with the answers as typed; returns the person's next task, if there is one.

    Raises InvalidAnswers, Forbidden, Conflict (who completed it, and when), IncidentRaised (input kept), Unavailable.
    A repeated `key` answers like the first time.
    """
    name = None
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.complete(task_id, given, revision=revision)
        name = run.task_name
    return Finished(name, next_task(cases, actor=actor, now=now))


def send(
    cases: Cases,
    number: str,
    task_id: UUID,
    given: Given,
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Press a button of a case: send the message that the diagram waits for. Raises as `complete`."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.send(task_id, given)


def next_task(cases: Cases, *, actor: Actor, now: datetime) -> TaskLine | None:
    """The most pressing task: one's own first, then the groups'."""
    return first(cases, actor=actor, now=now)


def case_id(cases: Cases, number: str) -> UUID:
    """The id behind a human number; raises NotFound."""
    return cases.numbers.id_of(number)


def number_of(cases: Cases, identity: UUID) -> str:
    """The human number of a case; raises NotFound."""
    return cases.numbers.number_of(identity)


def _checked(cases: Cases, form: Form | None, raw: Mapping[str, Any]) -> dict[str, Any]:
    if form is None:
        return {}
    with cases.database.read() as tx:
        return checked(tx, form, raw)


def once() -> AbstractContextManager[None]:
    """Around a step: a request that comes twice is answered like the first one."""
    return suppress(AlreadyApplied)


__all__ = [
    "Action",
    "Finished",
    "OpenTask",
    "Startable",
    "TaskLine",
    "case_id",
    "claim",
    "complete",
    "counts",
    "delegate",
    "inbox",
    "next_task",
    "number_of",
    "once",
    "open_task",
    "reassign",
    "release",
    "save_draft",
    "send",
    "start",
    "startable",
    "take_back",
]

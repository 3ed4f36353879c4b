"""One task as the page shows it: its form filled as far as the case knows, the person's draft, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.acts.correspondence import SCORES, last_rating
from engine.acts.queues import TASK_COLUMNS, TaskLine, line
from engine.acts.visibility import require_visible
from engine.bpmn.forms import Form
from engine.cases import Cases
from engine.cases.permission import require_may_act, target_of
from engine.cases.projection import task_of
from engine.cases.row import CaseRow, id_of, locked, of_case
from engine.foundation.errors import Conflict, Rejection
from engine.foundation.models import Case, Draft, Person, Task
from engine.foundation.security import Actor, Target, may, refusals_logged, require
from engine.foundation.text import Text
from engine.record import history


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the case: a message that the diagram waits for, with the form that it asks."""

    task_id: UUID
    process: str
    element: str
    name: Text
    group: str
    form: Form | None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task ready to be worked on: who holds it by name; `answers` are the draft, or what the case already knows."""

    line: TaskLine
    holder: str | None
    form: Form | None
    answers: dict[str, Any]
    draft_saved_at: datetime | None
    description: Text
    may_complete: bool
    may_claim: bool
    actions: tuple[Action, ...]


def open_task(cases: Cases, number: str, task_id: UUID, *, actor: Actor, now: datetime) -> OpenTask:
    """The task with everything its page needs; raises NotFound for the case, Conflict when the task is gone (by whom)."""
    with cases.database.read() as tx:
        found = tx.execute(_OPEN, {"number": number, "task": task_id}).one_or_none()
        if found is None:
            raise _gone(cases, tx, number, task_id, actor)
        require_visible(found, actor)
        shown = line(found, cases, now)
        library = cases.library(shown.release)
        element = library.diagrams[shown.process].elements[shown.element]
        form = library.forms.get(element.form)
        draft = _draft(tx, found, actor)
        known = draft.answers if draft is not None else _prefilled(tx, found, form)
        may = _may_act(tx, actor, found, cases.settings.time_zone)
        return OpenTask(
            line=shown,
            holder=found.holder,
            form=form,
            answers=dict(known),
            draft_saved_at=draft.saved_at if draft is not None else None,
            description=element.documentation,
            may_complete=may,
            may_claim=may and shown.assignee is None,
            actions=_actions(tx, cases, found, actor),
        )


def save_draft(
    cases: Cases, number: str, task_id: UUID, answers: Mapping[str, Any], *, actor: Actor, now: datetime
) -> datetime:
    """Keep what a person has typed so far; nobody else sees it, and completing the task ends it. Returns `now`.

    For those who may work on the task, also while a colleague holds it. Raises Forbidden, NotFound, Conflict.
    """
    with refusals_logged(cases.database, actor=actor, at=now), cases.database.write() as tx:
        row = locked(tx, id_of(tx, number))
        assert row is not None
        require(actor, "see_case", Target(label=number, kept_out=row["kept_out"] or ()))
        task = task_of(tx, row, task_id, revision=None, zone=cases.settings.time_zone)
        require(actor, "draft_task", target_of(task))
        upsert = postgresql.insert(Draft) if tx.dialect.name == "postgresql" else sqlite.insert(Draft)
        kept = {"answers": dict(answers), "saved_at": now}
        tx.execute(
            upsert.values(**row.keys, task_id=task_id, person=actor.id, **kept).on_conflict_do_update(
                index_elements=["shard_key", "case_id", "task_id", "person"], set_=kept
            )
        )
    return now


def case_data(tx: Connection, case_id: UUID) -> dict[str, Any]:
    """The case's data as its history tells: the start's, then every change in order."""
    data: dict[str, Any] = {}
    for event in history.of_case(tx, case_id):
        content = event.content
        if event.kind == "case:start":
            data.update(content["input"].get("data", {}))
        for passage in content.get("path", ()):
            data.update(passage.get("d", {}))
    return data


_CASE, _TASK = cast(Table, Case.__table__), cast(Table, Task.__table__)
_DRAFT, _PERSON = cast(Table, Draft.__table__), cast(Table, Person.__table__)
_OPEN = (
    select(*TASK_COLUMNS, _PERSON.c.name.label("holder"))
    .join(_CASE, (_CASE.c.shard_key == _TASK.c.shard_key) & (_CASE.c.id == _TASK.c.case_id))
    .outerjoin(_PERSON, _PERSON.c.id == _TASK.c.assignee)
    .where(_CASE.c.number == bindparam("number"), _TASK.c.id == bindparam("task"))
)
_DRAFTED = select(_DRAFT.c.answers, _DRAFT.c.saved_at).where(
    *of_case(_DRAFT), _DRAFT.c.task_id == bindparam("task"), _DRAFT.c.person == bindparam("who")
)
_BUTTONS = select(_TASK).where(*of_case(_TASK), _TASK.c.kind == "message")


def _gone(cases: Cases, tx: Connection, number: str, task_id: UUID, actor: Actor) -> Rejection:
    columns = (Case.shard_key, Case.id, Case.number, Case.kept_out)
    found = tx.execute(select(*columns).where(Case.id == id_of(tx, number))).one()
    require_visible(found, actor)
    try:
        task_of(tx, CaseRow(found._asdict()), task_id, revision=None, zone=cases.settings.time_zone)
    except Conflict as gone:
        return gone
    raise AssertionError("the task is there after all")


def _draft(tx: Connection, found: Any, actor: Actor) -> Any:
    bound = {"of_shard": found.shard_key, "of_case": found.case_id, "task": found.id, "who": actor.id}
    return tx.execute(_DRAFTED, bound).one_or_none()


def _prefilled(tx: Connection, found: Any, form: Form | None) -> dict[str, Any]:
    if form is None:
        return {}
    known = form.prefilled(case_data(tx, found.case_id), element=found.element)
    return {**_rated(tx, found, form), **known}


def _rated(tx: Connection, found: Any, form: Form) -> dict[str, Any]:
    """What the customer said of their satisfaction, for a form that asks for it."""
    if not all(form.field(score) for score in SCORES):
        return {}
    rating = last_rating(tx, found.case_id)
    return {name: value for name, value in rating.items() if form.field(name)}


def _may_act(tx: Connection, actor: Actor, task: Any, zone: str) -> bool:
    try:
        require_may_act(tx, actor, task, zone=zone)
    except Rejection:
        return False
    return True


def _actions(tx: Connection, cases: Cases, found: Any, actor: Actor) -> tuple[Action, ...]:
    """The buttons of the case that this person may press."""
    bound = {"of_shard": found.shard_key, "of_case": found.case_id}
    library = cases.library(found.release)
    actions = []
    for row in tx.execute(_BUTTONS, bound).all():
        element = library.diagrams[row.process].elements[row.element]
        if may(actor, "send_message", target_of(row)):
            form = library.forms.get(element.form)
            actions.append(Action(row.id, row.process, row.element, element.name, row.group_id, form))
    return tuple(actions)

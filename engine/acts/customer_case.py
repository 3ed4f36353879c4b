"""A case as its customer may read it: plain words, the engineer's name, what they sent themselves, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.acts import correspondence
from engine.acts.correspondence import Added
from engine.bpmn.forms import Form
from engine.cases import Cases
from engine.desk import portal_links
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Person, Task
from engine.foundation.security import MAILBOX, PORTAL
from engine.foundation.text import Text
from engine.record import history

OUTSIDE = frozenset({PORTAL.id, MAILBOX.id})
VISIT_AT, PLACE, VISITOR = "visit_at", "place", "visitor"  # answers of whichever task arranges a visit


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes, when and where; no name when the manufacturer sends somebody."""

    at: datetime
    place: str | None
    engineer: str | None
    by_manufacturer: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that every customer waits for, and when it happened."""

    name: Text
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What the case asks its customer now; `mark` tells it from every other question without telling its id."""

    task_id: UUID
    form: Form | None
    mark: str


@dataclass(frozen=True, slots=True)
class CustomerCase:
    """Everything that the page behind a customer's link shows."""

    number: str
    title: str
    status: Text
    ended: bool
    engineer: str | None
    visit: Visit | None
    works_again: bool
    stages: tuple[Stage, ...]
    added: Added
    question: Question | None
    may_rate: bool
    rating: Mapping[str, Any]


def customer_case(cases: Cases, secret: str, *, now: datetime) -> CustomerCase:
    """The case behind a link. Raises NotFound, the same for a wrong, an expired and a withdrawn one."""
    with cases.database.read() as tx:
        case_id = portal_links.case_behind(tx, secret, at=now)
        row = _row(tx, case_id)
        engineer = tx.execute(select(Person.name).where(Person.id == row.handler)).scalar_one_or_none()
        added = correspondence.read_added(tx, case_id, people={}, by=OUTSIDE)
        rating = correspondence.last_rating(tx, case_id)
        visit = None if row.restored_at or row.ended_at else _visit(tx, case_id, row, engineer)
    return CustomerCase(
        number=row.number,
        title=row.title,
        status=_status(row),
        ended=row.ended_at is not None,
        engineer=engineer,
        visit=visit,
        works_again=row.restored_at is not None,
        stages=_stages(row),
        added=added,
        question=question_of(cases, case_id),
        may_rate=_may_rate(row),
        rating=rating,
    )


def question_of(cases: Cases, case_id: UUID) -> Question | None:
    """The task of a case that the drawing lets its customer answer, if one waits."""
    with cases.database.read() as tx:
        where = (Task.shard_key == shard_key(case_id), Task.case_id == case_id, Task.kind == "task")
        tasks = tx.execute(select(Task.id, Task.process, Task.element).where(*where).order_by(Task.id)).all()
        library = cases.releases.library(_row(tx, case_id).release, tx)
    for task in tasks:
        element = library.diagrams[task.process].elements[task.element]
        form = library.forms.get(element.form)
        if element.properties.get("answered_by") == "customer" and not _lists_staff(form):
            return Question(task.id, form, hashlib.sha256(task.id.bytes).hexdigest()[:16])
    return None


def _lists_staff(form: Form | None) -> bool:
    return form is not None and any(field.widget == "person" for field in form.fields)


def _row(tx: Connection, case_id: UUID) -> Any:
    columns = [column for column in Case.__table__.c if column.name != "state"]
    where = (Case.shard_key == shard_key(case_id), Case.id == case_id)
    return tx.execute(select(*columns).where(*where)).one()


def _visit(tx: Connection, case_id: UUID, row: Any, engineer: str | None) -> Visit | None:
    """The visit arranged last, unless somebody has arrived since."""
    arranged = [
        (event.at, answers)
        for event in history.of_case(tx, case_id)
        if (answers := event.content.get("input", {}).get("answers") or {}).get(VISIT_AT)
    ]
    if not arranged or (row.arrived_at and row.arrived_at > arranged[-1][0]):
        return None
    last = arranged[-1][1]
    strange = last.get(VISITOR) == "manufacturer"
    at = datetime.fromisoformat(str(last[VISIT_AT]))
    return Visit(at, last.get(PLACE), None if strange else engineer, strange)


def _may_rate(row: Any) -> bool:
    done = row.closed_at or row.ended_at
    return bool(done) and row.status not in _NOT_SERVED


def _stages(row: Any) -> tuple[Stage, ...]:
    moments = {
        Text(zh="收到您的报告", en="We received your report"): row.received_at,
        Text(zh="工程师接手", en="An engineer took it over"): row.accepted_at or row.dispatched_at,
        Text(zh="恢复正常", en="It works again"): row.restored_at,
        Text(zh="您确认结果", en="You confirmed the result"): row.confirmed_at,
        Text(zh="全部完成", en="All done"): row.closed_at or row.ended_at,
    }
    stages = tuple(Stage(name, at) for name, at in moments.items())
    # What was passed over will not happen any more: a question answered on the phone is never repaired.
    return tuple(stage for stage in stages if stage.at) if row.ended_at else stages


def _status(row: Any) -> Text:
    if row.paused_at is not None:
        return _WAITING
    return _STATUSES.get(row.status, _ENDED if row.ended_at else _IN_WORK)


_NOT_SERVED = frozenset({"declined", "cancelled"})
_WAITING = Text(zh="正在等您的答复或配合", en="We are waiting for you")
_IN_WORK = Text(zh="正在处理", en="We are working on it")
_ENDED = Text(zh="已结束", en="This case has ended")
_ARRANGING = Text(zh="已收到, 正在安排工程师", en="Received; we are finding an engineer")
_CLOSING = Text(zh="已恢复, 正在整理结果", en="It works again; we are writing up the result")
_STATUSES: Mapping[str, Text] = {
    "new": _ARRANGING,
    "intake": _ARRANGING,
    "dispatching": _ARRANGING,
    "awaiting_acceptance": _ARRANGING,
    "incident": _ARRANGING,
    "answering": Text(zh="正在答复您的咨询", en="Your question is being answered"),
    "answered": Text(zh="已答复", en="Answered"),
    "declined": Text(zh="未能受理, 原因请见我们的通知", en="We could not take this on; our message says why"),
    "handling": Text(zh="工程师正在处理", en="An engineer is working on it"),
    "escalated": Text(zh="更资深的同事已参与处理", en="More experienced colleagues are helping"),
    "part_in_repair": Text(zh="配件正在维修", en="A part is being repaired"),
    "at_supplier": Text(zh="配件在供货商处维修", en="A part is at the supplier for repair"),
    "verifying": Text(zh="正在测试是否恢复正常", en="We are testing whether it works again"),
    "awaiting_confirmation": Text(zh="已恢复, 请您确认", en="It works again; please confirm"),
    "resolved": _CLOSING,
    "writing_result": _CLOSING,
    "closing": _CLOSING,
    "closed": Text(zh="已处理完毕", en="Done"),
    "following_up": Text(
        zh="已处理完毕, 我们会致电回访", en="Done; we will call to hear whether you are satisfied"
    ),
    "recovering": Text(zh="我们正在改进您不满意的地方", en="We are putting right what did not satisfy you"),
    "reopened": Text(zh="已重新开始处理", en="We have taken it up again"),
    "completed": Text(zh="已处理完毕", en="Done"),
    "cancelled": Text(zh="已取消", en="Cancelled"),
}

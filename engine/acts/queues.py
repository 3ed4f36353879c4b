"""The queues of the inbox: what waits for a person, most pressing first, by key and not by offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Integer, Select, String, cast, func, or_, select, union_all

from engine.acts.paging import Key, Page, behind, cut, read_key
from engine.acts.visibility import visible_to
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.foundation.errors import Forbidden
from engine.foundation.models import Case, QueueCount, Task
from engine.foundation.security import Actor
from engine.foundation.text import Text

ClockState = Literal["on_track", "at_risk", "overdue", "paused", "none"]
AT_RISK = 0.8  # share of the time between arrival and due moment after which a task is shown as at risk


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of the inbox."""

    case_id: UUID
    task_id: UUID
    number: str
    process: str
    element: str
    name: Text
    group: str
    assignee: str | None
    delegated_by: str | None
    customer: str | None
    device: str | None
    title: str
    priority: str | None
    severity: str | None
    due_at: datetime | None
    due_limit: str | None
    paused: bool
    created_at: datetime
    revision: int
    release: int
    clock: ClockState
    after: Text | None


def inbox(
    cases: Cases,
    *,
    actor: Actor,
    now: datetime,
    queue: str = "mine",
    after: str | None = None,
    limit: int = 50,
    search: str | None = None,
    counted: bool = True,
) -> Page[TaskLine]:
    """One page of a queue: "mine", "groups" (unassigned in all of one's groups) or a group id, by due moment.

    `after` is the key of the previous page. Raises Forbidden for a group that the actor does not belong to.
    """
    key = read_key(after) if after else None
    with cases.database.read() as tx:
        found = tx.execute(_page(actor, queue, key, limit + 1, search)).all()
        rows, following = cut(list(found), [Key(r.sort_at, r.id) for r in found], limit)
        total = _total(tx, actor, queue, search) if counted else None
    return Page(tuple(line(r, cases, now) for r in rows), following, total)


def counts(cases: Cases, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """How much waits: `mine`, `mine_overdue`, `groups` per group and `groups_total` (unassigned tasks)."""
    mine = (Task.kind == "task", Task.assignee == actor.id)
    overdue = func.coalesce(func.sum(cast(Task.sort_at < now, Integer)), 0)
    with cases.database.read() as tx:
        own = tx.execute(select(func.count(), overdue).where(*mine)).one()
        groups = _group_counts(tx, actor.groups)
    return {
        "mine": own[0],
        "mine_overdue": own[1],
        "groups": groups,
        "groups_total": sum(groups.values()),
    }


def line(row: Any, cases: Cases, now: datetime) -> TaskLine:
    """A task row joined with its case, in the words of the release that the case runs on."""
    library = cases.library(row.release)
    facts = row.facts or {}
    return TaskLine(
        case_id=row.case_id,
        task_id=row.id,
        number=row.number,
        process=row.process,
        element=row.element,
        name=library.diagrams[row.process].elements[row.element].name,
        group=row.group_id,
        assignee=row.assignee,
        delegated_by=row.delegated_by,
        customer=row.customer_name,
        device=facts.get("model") or facts.get("serial"),
        title=row.title,
        priority=row.priority,
        severity=row.severity,
        due_at=row.due_at,
        due_limit=row.due_limit,
        paused=row.paused,
        created_at=row.created_at,
        revision=row.revision,
        release=row.release,
        clock=clock_of(row, now),
        after=what_follows(library, row.process, row.element),
    )


def clock_of(row: Any, now: datetime) -> ClockState:
    """How a task stands: by the share of its time that has passed on the wall."""
    if row.paused:
        return "paused"
    if row.due_at is None:
        return "none"
    if row.due_at <= now:
        return "overdue"
    whole = (row.due_at - row.created_at).total_seconds()
    gone = (now - row.created_at).total_seconds()
    return "at_risk" if whole > 0 and gone / whole >= AT_RISK else "on_track"


def what_follows(library: Library, process: str, element: str) -> Text | None:
    """What the diagram does when the task is not done in time: the name of the element behind its timer."""
    diagram = library.diagrams[process]
    for event in diagram.elements.values():
        if event.attached_to == element and event.limit is not None and event.limit[1] == 100:
            flows = diagram.outgoing(event.id)
            if flows:
                return diagram.elements[flows[0].target].name
    return None


TASK_COLUMNS = (
    *Task.__table__.columns,
    Case.number,
    Case.title,
    Case.customer_name,
    Case.priority,
    Case.severity,
    Case.release,
    Case.facts,
    Case.kept_out,
)


def _page(actor: Actor, queue: str, key: Key | None, limit: int, search: str | None) -> Select[Any]:
    picked = union_all(*[q.subquery().select() for q in _picked(actor, queue, key, limit, search)]).subquery()
    return (
        select(*TASK_COLUMNS)
        .join(
            picked,
            (picked.c.shard_key == Task.shard_key)
            & (picked.c.case_id == Task.case_id)
            & (picked.c.id == Task.id),
        )
        .join(Case, (Case.shard_key == Task.shard_key) & (Case.id == Task.case_id))
        .order_by(Task.sort_at, Task.id)
        .limit(limit)
    )


def _picked(actor: Actor, queue: str, key: Key | None, limit: int, search: str | None) -> list[Select[Any]]:
    """One bounded index range per group: a merge of short lists instead of a sort of long ones."""
    picked = []
    hidden = select(Case.id).where(Case.kept_out.is_not(None), ~visible_to(actor))
    for condition in _conditions(actor, queue):
        query = select(Task.shard_key, Task.case_id, Task.id).where(*condition, Task.case_id.not_in(hidden))
        if key is not None:
            query = query.where(behind(key, Task.sort_at, Task.id))
        if search:
            query = _searched(query, search)
        picked.append(query.order_by(Task.sort_at, Task.id).limit(limit))
    return picked


def _conditions(actor: Actor, queue: str) -> list[list[Any]]:
    if queue == "mine":
        return [[Task.kind == "task", Task.assignee == actor.id]]
    groups = sorted(actor.groups) if queue == "groups" else [queue]
    if queue != "groups" and queue not in actor.groups:
        raise Forbidden(Text(zh="您不在这个岗位组中。", en="You are not a member of this group."))
    if not groups:
        return [[Task.kind == "none"]]
    return [[Task.kind == "task", Task.assignee.is_(None), Task.group_id == g] for g in groups]


def _searched(query: Select[Any], words: str) -> Select[Any]:
    like = f"%{words.strip()}%"
    return query.join(Case, (Case.shard_key == Task.shard_key) & (Case.id == Task.case_id)).where(
        or_(
            Case.number.ilike(like),
            Case.title.ilike(like),
            Case.customer_name.ilike(like),
            cast(Case.facts, String).ilike(like),
        )
    )


def _total(tx: Connection, actor: Actor, queue: str, search: str | None) -> int | None:
    if search:
        return None
    if queue == "mine":
        mine = select(func.count()).where(Task.kind == "task", Task.assignee == actor.id)
        return tx.execute(mine).scalar_one()
    groups = actor.groups if queue == "groups" else frozenset({queue})
    return sum(_group_counts(tx, groups).values())


def _group_counts(tx: Connection, groups: frozenset[str]) -> dict[str, int]:
    query = (
        select(QueueCount.group_id, func.sum(QueueCount.open))
        .where(QueueCount.group_id.in_(sorted(groups)))
        .group_by(QueueCount.group_id)
    )
    found = {group: int(total) for group, total in tx.execute(query).tuples()}
    return {group: found.get(group, 0) for group in sorted(groups)}

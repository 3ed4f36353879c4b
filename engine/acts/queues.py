"""The queues of the inbox: what waits for a person, most pressing first, by key and not by offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.acts import queue_queries as queries
from engine.acts.paging import Key, Page, cut, read_key
from engine.bpmn.library import Library, once_per_release
from engine.cases import Cases
from engine.foundation.security import Actor, Target, require
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
    key, groups = read_key(after) if after else None, _groups(actor, queue)
    statement = queries.page(len(groups), keyed=key is not None, searched=bool(search))
    values = queries.bound(actor.id, groups, key=key, limit=limit + 1, search=search)
    with cases.database.read() as tx:
        found = tx.execute(statement, values).all() if groups or queue == "mine" else []
        rows, following = cut(list(found), [Key(r.sort_at, r.id) for r in found], limit)
        total = _total(tx, actor, queue) if counted and not search else None
    return Page(tuple(line(r, cases, now) for r in rows), following, total)


def first(cases: Cases, *, actor: Actor, now: datetime) -> TaskLine | None:
    """The task that a person should do next: the most pressing of their own, else of their groups'."""
    groups = sorted(actor.groups)
    with cases.database.glance() as tx:
        found = tx.execute(queries.first(len(groups)), queries.bound(actor.id, groups, limit=1)).first()
    return None if found is None else line(found, cases, now)


def counts(cases: Cases, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """How much waits: `mine`, `mine_overdue`, `groups` per group and `groups_total` (unassigned tasks)."""
    with cases.database.read() as tx:
        mine = tx.execute(queries.COUNT_OWN, {"me": actor.id, "now": now}).one()
        groups = _group_counts(tx, actor, actor.groups)
    return {
        "mine": mine.held,
        "mine_overdue": mine.late,
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
    return _when_late(library).get((process, element))


@once_per_release
def _when_late(library: Library) -> Mapping[tuple[str, str], Text]:
    found: dict[tuple[str, str], Text] = {}
    for process, diagram in library.diagrams.items():
        for event in diagram.elements.values():
            if event.attached_to is None or event.limit is None or event.limit[1] != 100:
                continue
            if flows := diagram.outgoing(event.id):
                found.setdefault((process, event.attached_to), diagram.elements[flows[0].target].name)
    return found


TASK_COLUMNS = queries.LINE


def _groups(actor: Actor, queue: str) -> list[str]:
    """The groups whose unassigned tasks a queue shows; none for one's own."""
    if queue == "mine":
        return []
    if queue == "groups":
        return sorted(actor.groups)
    require(actor, "see_queue", Target(label=queue, group=queue))
    return [queue]


def _total(tx: Connection, actor: Actor, queue: str) -> int:
    if queue == "mine":
        return tx.execute(queries.COUNT_MINE, {"me": actor.id}).scalar_one()
    groups = actor.groups if queue == "groups" else frozenset({queue})
    return sum(_group_counts(tx, actor, groups).values())


def _group_counts(tx: Connection, actor: Actor, groups: frozenset[str]) -> dict[str, int]:
    """What the counters say, less what waits in cases that are kept from the actor (for most people there are none)."""
    asked: dict[str, Any] = {"groups": sorted(groups)}
    counted = {row.group_id: int(row.open) for row in tx.execute(queries.COUNT_GROUPS, asked)}
    hidden = tx.execute(queries.HIDDEN, {"named": queries.named(actor.id)}).all()
    if hidden:
        unseen = tx.execute(queries.HIDDEN_TASKS, {**asked, "cases": [tuple(case) for case in hidden]})
        counted |= {row.group_id: counted.get(row.group_id, 0) - row.open for row in unseen}
    return {group: counted.get(group, 0) for group in sorted(groups)}

"""From a group to a person: who gets the work, and who may take it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, nulls_first, select, update

from engine.desk.absences import away_at
from engine.foundation.errors import Conflict, Rejection
from engine.foundation.models import Membership, Person, Skill, Task
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text


def best_person(
    tx: Connection,
    *,
    group: str,
    at: datetime,
    skill: str | None = None,
    excluded: Collection[str] = (),
) -> str | None:
    """Who of a group should get the next work, or None when nobody suits.

    Only active people who are not away at `at`, have the skill (when one is asked for) and are not excluded; of
    them the one with the fewest open tasks, then the longest without a dispatch, then the first by login name.
    """
    load = _open_tasks(group=group)
    suitable = (
        select(Person.id)
        .join(Membership, Membership.person == Person.id)
        .outerjoin(load, load.c.assignee == Person.id)
        .where(Membership.group_id == group, Person.active, Person.id.not_in(away_at(at)))
        .order_by(func.coalesce(load.c.tasks, 0), nulls_first(Person.last_dispatched_at), Person.id)
        .limit(1)
    )
    if skill:
        suitable = suitable.where(Person.id.in_(select(Skill.person).where(Skill.skill == skill)))
    if excluded:
        suitable = suitable.where(Person.id.not_in(sorted(excluded)))
    return tx.scalar(suitable)


def workload(tx: Connection, people: Collection[str]) -> dict[str, int]:
    """How many open tasks each of these people has."""
    counted = (
        select(Task.assignee, func.count())
        .where(Task.kind == "task", Task.assignee.in_(sorted(people)))
        .group_by(Task.assignee)
    )
    found = dict(tx.execute(counted).tuples().all())
    return {one: found.get(one, 0) for one in people}


def note_dispatch(tx: Connection, *, person: str, at: datetime) -> None:
    """Remember that a person got work at `at`, so that the next goes to whoever has been idle longer."""
    tx.execute(update(Person).where(Person.id == person).values(last_dispatched_at=at))


def require_may_take(task: Row[Any], *, actor: Actor, act: str = "take_task") -> None:
    """Return when `actor` may take or complete this task row.

    Raises Refused when they are neither in its group nor its assignee (nor stand in for them) or are kept out by
    separation of duties, Conflict when it is somebody else's.
    """
    target = Target(
        label=f"{task.process}/{task.element} {task.id}",
        group=task.group_id,
        assignee=task.assignee,
        excluded=task.excluded or (),
    )
    require(actor, act, target)
    if task.assignee not in {None, actor.id, *actor.stands_in_for} and not actor.is_system:
        raise Conflict(_SOMEBODY_ELSES.format(person=task.assignee))


def may_take(task: Row[Any], *, actor: Actor, act: str = "take_task") -> bool:
    """Whether `require_may_take` would let it pass."""
    try:
        require_may_take(task, actor=actor, act=act)
    except Rejection:
        return False
    return True


def _open_tasks(*, group: str) -> Any:
    of_group = select(Membership.person).where(Membership.group_id == group)
    return (
        select(Task.assignee, func.count().label("tasks"))
        .where(Task.kind == "task", Task.assignee.in_(of_group))
        .group_by(Task.assignee)
        .subquery()
    )


_SOMEBODY_ELSES = Text(
    zh="任务应未被他人领取, 但它已由 {person} 领取; 您填写的内容没有丢失, 请与其联系或另选任务。",
    en="Expected a task that nobody has taken, but {person} has it; nothing of yours was lost. Talk to them or take another task.",
)

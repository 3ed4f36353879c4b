"""From a group to a person: who gets the work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, nulls_first, select, update

from engine.desk.absences import away_at
from engine.foundation.models import Membership, Person, Skill, Task


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


def _open_tasks(*, group: str) -> Any:
    of_group = select(Membership.person).where(Membership.group_id == group)
    return (
        select(Task.assignee, func.count().label("tasks"))
        .where(Task.kind == "task", Task.assignee.in_(of_group))
        .group_by(Task.assignee)
        .subquery()
    )

"""From a group to a person: who gets the work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, bindparam, func, not_, nulls_first, select, update

from engine.desk.absences import AWAY
from engine.foundation.models import Membership, Person, Skill, Task
from engine.foundation.prepared import among, numbered


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
    query = _suitable(skilled=bool(skill), barred=len(excluded))
    bound = {"group": group, "at": at, "skill": skill, **numbered(sorted(excluded))}
    return tx.execute(query, bound).scalar_one_or_none()


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
    tx.execute(_NOTE, {"who": person, "at": at})


_PERSON, _MEMBER = cast(Table, Person.__table__), cast(Table, Membership.__table__)
_SKILL, _TASK = cast(Table, Skill.__table__), cast(Table, Task.__table__)
_OF_GROUP = _MEMBER.c.group_id == bindparam("group")
_NOTE = update(_PERSON).where(_PERSON.c.id == bindparam("who")).values(last_dispatched_at=bindparam("at"))


@lru_cache(maxsize=64)
def _suitable(*, skilled: bool, barred: int) -> Select[Any]:
    """The statement of `best_person`, prepared for each of its shapes."""
    load = _open_tasks()
    suitable = (
        select(_PERSON.c.id)
        .join(_MEMBER, _MEMBER.c.person == _PERSON.c.id)
        .outerjoin(load, load.c.assignee == _PERSON.c.id)
        .where(_OF_GROUP, _PERSON.c.active, _PERSON.c.id.not_in(AWAY))
        .order_by(func.coalesce(load.c.tasks, 0), nulls_first(_PERSON.c.last_dispatched_at), _PERSON.c.id)
        .limit(1)
    )
    if skilled:
        with_skill = select(_SKILL.c.person).where(_SKILL.c.skill == bindparam("skill"))
        suitable = suitable.where(_PERSON.c.id.in_(with_skill))
    return suitable.where(not_(among(_PERSON.c.id, barred))) if barred else suitable


def _open_tasks() -> Any:
    of_group = select(_MEMBER.c.person).where(_OF_GROUP)
    return (
        select(_TASK.c.assignee, func.count().label("tasks"))
        .where(_TASK.c.kind == "task", _TASK.c.assignee.in_(of_group))
        .group_by(_TASK.c.assignee)
        .subquery()
    )

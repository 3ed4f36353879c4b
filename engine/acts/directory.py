"""Who works here: people with their groups, skills, absences and load, read for the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, case, func, or_, select

from engine.acts.visibility import of_visible_cases
from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.models import Absence, Membership, Person, Skill, Task
from engine.foundation.security import Actor, require
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """A period without new work; `substitute` is the name of who stands in, `substitute_id` their login."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    substitute: str | None
    substitute_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in the list; `absences` are the present and coming ones.

    `open` and `late` count their claimed tasks in cases that the reader may see.
    """

    id: str
    name: str
    email: str | None
    phone: str | None
    language: str
    active: bool
    region_id: UUID | None
    groups: tuple[str, ...]
    skills: tuple[str, ...]
    absences: tuple[AbsenceLine, ...]
    away: bool
    open: int
    late: int


def people(
    cases: Cases, *, actor: Actor, now: datetime, group: str | None = None, search: str | None = None
) -> list[PersonLine]:
    """Everybody (or a group, or whose name, login or mail contains `search`): active people first, by name.

    Raises Forbidden.
    """
    require(actor, "see_people")
    statement = select(*_COLUMNS).order_by(Person.active.desc(), Person.id)
    if group:
        statement = statement.where(
            Person.id.in_(select(Membership.person).where(Membership.group_id == group))
        )
    if search and search.strip():
        statement = statement.where(_matches(search.strip()))
    with cases.database.read() as tx:
        rows: list[Any] = list(tx.execute(statement))
        return _lines(tx, rows, actor, now)


def person(cases: Cases, person_id: str, *, actor: Actor, now: datetime) -> PersonLine:
    """One person. Raises NotFound, Forbidden."""
    require(actor, "see_people")
    with cases.database.read() as tx:
        rows: list[Any] = list(tx.execute(select(*_COLUMNS).where(Person.id == person_id)))
        if rows:
            return _lines(tx, rows, actor, now)[0]
    raise NotFound(
        Text(
            zh="没有这个人员。请从人员列表中选择。",
            en="There is no such person; choose one from the list of people.",
        )
    )


def colleagues(cases: Cases, group: str, *, actor: Actor, now: datetime) -> list[PersonLine]:
    """The active people of a group other than the actor: who a task may be handed to."""
    found = people(cases, actor=actor, now=now, group=group)
    return [line for line in found if line.active and line.id != actor.id]


def skills_in_use(cases: Cases) -> list[str]:
    """Every skill that somebody has."""
    with cases.database.read() as tx:
        return list(tx.execute(select(Skill.skill).distinct().order_by(Skill.skill)).scalars())


_COLUMNS = (
    Person.id,
    Person.name,
    Person.email,
    Person.phone,
    Person.language,
    Person.active,
    Person.region_id,
)


def _matches(words: str) -> Any:
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (Person.id, Person.name, Person.email)
    return or_(*(column.ilike(pattern, escape="\\") for column in columns))


def _lines(tx: Connection, rows: Iterable[Any], actor: Actor, now: datetime) -> list[PersonLine]:
    groups = _several(tx, select(Membership.person, Membership.group_id).order_by(Membership.group_id))
    skills = _several(tx, select(Skill.person, Skill.skill).order_by(Skill.skill))
    absences, loads = _absences(tx, now), _loads(tx, actor, now)
    return [
        PersonLine(
            **row._asdict(),
            groups=tuple(groups[row.id]),
            skills=tuple(skills[row.id]),
            absences=tuple(absences[row.id]),
            away=any(a.starts_at <= now < a.ends_at for a in absences[row.id]),
            open=loads.get(row.id, (0, 0))[0],
            late=loads.get(row.id, (0, 0))[1],
        )
        for row in rows
    ]


def _several(tx: Connection, statement: Any) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for person_id, value in tx.execute(statement):
        found[person_id].append(value)
    return found


def _absences(tx: Connection, now: datetime) -> defaultdict[str, list[AbsenceLine]]:
    stand_in = Person.name.label("stand_in")
    rows = tx.execute(
        select(
            Absence.id,
            Absence.person,
            Absence.starts_at,
            Absence.ends_at,
            Absence.substitute,
            Absence.reason,
            stand_in,
        )
        .outerjoin(Person, Person.id == Absence.substitute)
        .where(Absence.ends_at > now)
        .order_by(Absence.starts_at)
    )
    found: defaultdict[str, list[AbsenceLine]] = defaultdict(list)
    for row in rows:
        found[row.person].append(
            AbsenceLine(
                id=row.id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                substitute=row.stand_in,
                substitute_id=row.substitute,
                reason=row.reason,
            )
        )
    return found


def _loads(tx: Connection, actor: Actor, now: datetime) -> dict[str, tuple[int, int]]:
    late = and_(Task.paused.is_(False), Task.due_at < now)
    rows = tx.execute(
        select(Task.assignee, func.count(), func.sum(case((late, 1), else_=0)))
        .where(Task.kind == "task", Task.assignee.is_not(None), of_visible_cases(Task, actor))
        .group_by(Task.assignee)
    )
    return {str(person_id): (int(number), int(missed)) for person_id, number, missed in rows}

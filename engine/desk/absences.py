"""Absences: when people take no work, and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select, update

from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.ids import new_id
from engine.foundation.models import Absence, Person
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text

_ABSENCE = cast(Table, Absence.__table__)
_NOW = (_ABSENCE.c.starts_at <= bindparam("at"), _ABSENCE.c.ends_at > bindparam("at"))
_SUBSTITUTES = select(_ABSENCE.c.person, _ABSENCE.c.substitute).where(*_NOW)
_PERSON = cast(Table, Person.__table__)
_ACTIVE = select(_PERSON.c.id).where(_PERSON.c.id == bindparam("id"), _PERSON.c.active)

AWAY = select(_ABSENCE.c.person).where(*_NOW)
"""Who is away at the moment that is bound as `at`: a sub-query for prepared statements."""


@dataclass(frozen=True, slots=True)
class Away:
    """One absence, from `starts_at` up to but not including `ends_at`."""

    id: UUID
    person: str
    starts_at: datetime
    ends_at: datetime
    substitute: str | None
    reason: str | None


def is_present(tx: Connection, id: str, *, at: datetime) -> bool:
    """Whether an active person is not away at `at`."""
    present = select(Person.id).where(Person.id == id, Person.active, Person.id.not_in(away_at(at)))
    return tx.scalar(present) is not None


def away_at(at: datetime) -> Select[tuple[str]]:
    """The ids of those who are away at `at`, as a sub-query."""
    return select(Absence.person).where(Absence.starts_at <= at, Absence.ends_at > at)


def stand_in(tx: Connection, id: str, *, at: datetime) -> str | None:
    """Who takes a person's work at `at`: themselves, else the first present one along the substitutes, else nobody."""
    away = _substitutes(tx, at=at)
    last = _chain(away, id)[-1]
    return last if last not in away and _is_active(tx, last) else None


def stood_in_for(tx: Connection, id: str, *, at: datetime) -> frozenset[str]:
    """The absent people whose work `id` may take at `at`, directly or along a chain of absent substitutes."""
    away = _substitutes(tx, at=at)
    if id in away:
        return frozenset()
    return frozenset(absent for absent in away if id in _chain(away, absent))


def absences(tx: Connection, *, person: str | None = None, after: datetime | None = None) -> list[Away]:
    """Absences in order of their beginning, of one person or ending after a moment when so asked."""
    chosen = select(
        Absence.id, Absence.person, Absence.starts_at, Absence.ends_at, Absence.substitute, Absence.reason
    ).order_by(Absence.starts_at, Absence.id)
    if person is not None:
        chosen = chosen.where(Absence.person == person)
    if after is not None:
        chosen = chosen.where(Absence.ends_at > after)
    return [Away(*row._tuple()) for row in tx.execute(chosen)]


def set_absence(
    tx: Connection,
    id: str,
    *,
    actor: Actor,
    at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    substitute: str | None = None,
    reason: str | None = None,
) -> UUID:
    """Record that a person is away; their substitute may take their work meanwhile. Raises Rejection, Conflict."""
    require(actor, "set_absence", Target(label=id, assignee=id))
    _require_possible(tx, id, starts_at, ends_at, substitute)
    absence = new_id(at)
    values = {"person": id, "starts_at": starts_at, "ends_at": ends_at, "substitute": substitute or None}
    tx.execute(insert(Absence).values(id=absence, reason=reason, **values))
    return absence


def change_absence(
    tx: Connection,
    absence: UUID,
    *,
    actor: Actor,
    at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    substitute: str | None = None,
    reason: str | None = None,
) -> None:
    """Change a present or coming absence. Raises as `set_absence`, and NotFound for one that is over."""
    own = Absence.id == absence
    person = tx.scalar(select(Absence.person).where(own, Absence.ends_at > at))
    if person is None:
        raise NotFound(_NO_ABSENCE)
    require(actor, "set_absence", Target(label=person, assignee=person))
    _require_possible(tx, person, starts_at, ends_at, substitute, apart_from=absence)
    values = {"starts_at": starts_at, "ends_at": ends_at, "substitute": substitute or None, "reason": reason}
    tx.execute(update(Absence).where(own).values(**values))


def end_absence(tx: Connection, absence: UUID, *, actor: Actor, at: datetime) -> None:
    """The person is back at `at`; an absence that has not begun is removed. Raises NotFound."""
    found = tx.execute(
        select(Absence.person, Absence.starts_at, Absence.ends_at).where(Absence.id == absence)
    ).first()
    if found is None or found.ends_at <= at:
        raise NotFound(_NO_ABSENCE)
    require(actor, "set_absence", Target(label=found.person, assignee=found.person))
    if found.starts_at >= at:
        tx.execute(delete(Absence).where(Absence.id == absence))
    else:
        tx.execute(update(Absence).where(Absence.id == absence).values(ends_at=at))


def _require_possible(
    tx: Connection,
    id: str,
    starts_at: datetime,
    ends_at: datetime,
    substitute: str | None,
    *,
    apart_from: UUID | None = None,
) -> None:
    if starts_at >= ends_at:
        raise Rejection(_BACKWARDS)
    if not _is_active(tx, id):
        raise NotFound(_NOBODY.format(id=id))
    if substitute and (substitute == id or not _is_active(tx, substitute)):
        raise Rejection(_NO_SUBSTITUTE)
    overlapping = [Absence.person == id, Absence.starts_at < ends_at, Absence.ends_at > starts_at]
    if apart_from is not None:
        overlapping.append(Absence.id != apart_from)
    if tx.scalar(select(Absence.id).where(*overlapping).limit(1)) is not None:
        raise Conflict(_OVERLAP)


def _substitutes(tx: Connection, *, at: datetime) -> dict[str, str | None]:
    return {row.person: row.substitute for row in tx.execute(_SUBSTITUTES, {"at": at})}


def _chain(away: dict[str, str | None], absent: str) -> list[str]:
    chain, following = [absent], away.get(absent)
    while following is not None and following not in chain:
        chain.append(following)
        following = away.get(following)
    return chain


def _is_active(tx: Connection, id: str) -> bool:
    return tx.execute(_ACTIVE, {"id": id}).first() is not None


_NOBODY = Text(
    zh="应为在职人员, 但没有登录名为 {id} 的在职人员; 请核对登录名。",
    en="Expected an active person, but nobody active has the login name {id}; check the name.",
)
_BACKWARDS = Text(
    zh="缺勤的结束时间应晚于开始时间; 请改正。", en="Expected an absence to end after it begins; correct it."
)
_NO_SUBSTITUTE = Text(
    zh="代理人应为另一位在职人员; 请重新选择。",
    en="Expected a substitute who is another active person; choose again.",
)
_OVERLAP = Text(
    zh="这段时间应没有其他缺勤记录, 但与已有记录重叠; 请先结束原记录。",
    en="Expected no other absence in this period, but one overlaps; end that one first.",
)
_NO_ABSENCE = Text(
    zh="应为进行中或将来的缺勤, 但它已结束或不存在; 请刷新页面。",
    en="Expected a present or coming absence, but it has ended or does not exist; reload the page.",
)

"""Regional companies under headquarters, and the people who belong to them (R-127)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select, update

from engine.desk.registers.customers import REGION
from engine.desk.registers.reading import stored
from engine.foundation.models import Person
from engine.foundation.models.registers import Region
from engine.foundation.security import Actor, Target, require


def set_region(tx: Connection, person: str, region: UUID | None, *, actor: Actor) -> None:
    """Put somebody into a region, or (None) into headquarters. Raises NotFound, Forbidden."""
    require(actor, "manage_people", Target(label=person))
    if region is not None:
        stored(tx, REGION, region)
    tx.execute(update(Person).where(Person.id == person).values(region_id=region))


def in_words(tx: Connection) -> dict[UUID, str]:
    """Every region in use with the way that leads down to it, in the order of these words: 华东 / 上海 / 浦东."""
    rows = {
        row.id: row for row in tx.execute(select(Region.id, Region.name, Region.parent_id, Region.retired_at))
    }
    parents = {one: row.parent_id for one, row in rows.items()}
    named = {
        one: " / ".join(rows[above].name for above in reversed(_line(parents, one)) if above in rows)
        for one, row in rows.items()
        if row.retired_at is None
    }
    return dict(sorted(named.items(), key=lambda item: item[1]))


def within(tx: Connection, region: UUID) -> frozenset[UUID]:
    """A region and all that belong to it, directly or further down."""
    parents = dict(tx.execute(select(Region.id, Region.parent_id)).tuples().all())
    return frozenset(one for one in parents if region in _line(parents, one))


def line_of(tx: Connection, person: str) -> list[str]:
    """The heads of a person's region and of those above it, nearest first: whom a matter goes up to."""
    own = tx.scalar(select(Person.region_id).where(Person.id == person))
    rows = {row.id: row for row in tx.execute(select(Region.id, Region.parent_id, Region.head))}
    if own is None:
        return []
    above = _line({one: row.parent_id for one, row in rows.items()}, own)
    heads = (rows[one].head for one in above if one in rows)
    return [head for head in dict.fromkeys(heads) if head and head != person]


def people_of(tx: Connection, region: UUID) -> list[str]:
    """The active people of a region and of all below it, by login name."""
    chosen = select(Person.id).where(Person.active, Person.region_id.in_(within(tx, region)))
    return list(tx.scalars(chosen.order_by(Person.id)))


def _line(parents: dict[UUID, UUID | None], start: UUID) -> list[UUID]:
    line: list[UUID] = []
    following: UUID | None = start
    while following is not None and following not in line:
        line.append(following)
        following = parents.get(following)
    return line

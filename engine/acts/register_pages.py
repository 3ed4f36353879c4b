"""What the page of a register's row needs in one reading: the row, what belongs to it, its cases and its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from sqlalchemy import Connection

from engine.acts.related_cases import RelatedCase, cases_of
from engine.desk.people import everybody
from engine.desk.registers import (
    REGISTERS,
    Change,
    Field,
    Listing,
    Register,
    Row,
    Wanted,
    changes,
    children,
    get,
    listing,
)
from engine.desk.registers.fields import SHANGHAI
from engine.desk.registers.references import keys_of
from engine.foundation.security import Actor
from engine.foundation.text import Text, same

MOST_SUGGESTED = 200
FIRST = 5


@dataclass(frozen=True, slots=True)
class Belonging:
    """Rows of another register that refer to the row by `field`."""

    register: Register
    field: Field
    rows: Listing


@dataclass(frozen=True, slots=True)
class RowPage:
    """One row and what belongs to it; `keys` are what people write for its references."""

    register: Register
    row: Row
    keys: Mapping[str, str]
    belongings: tuple[Belonging, ...]
    cases: tuple[RelatedCase, ...]
    changes: tuple[Change, ...]


def row_page(
    tx: Connection, register: Register, id: UUID, *, actor: Actor, zone: tzinfo = SHANGHAI
) -> RowPage:
    """Everything that the page of a row shows. Raises NotFound, Forbidden."""
    row = get(tx, register, id, actor=actor)
    keys = keys_of(tx, register, [row.values])
    return RowPage(
        register=register,
        row=row,
        keys={f.name: keys[row.values[f.name]] for f in register.parents if row.values[f.name] in keys},
        belongings=tuple(_belonging(tx, other, field, id, actor) for other, field in children(register)),
        cases=tuple(cases_of(tx, register, id, actor=actor)),
        changes=tuple(changes(tx, register, id, actor=actor, zone=zone)),
    )


def _belonging(tx: Connection, other: Register, field: Field, id: UUID, actor: Actor) -> Belonging:
    wanted = Wanted(where=field.name, equals=id)
    return Belonging(other, field, listing(tx, other, actor=actor, wanted=wanted, limit=FIRST))


def offered(tx: Connection, register: Register, *, actor: Actor) -> dict[str, list[tuple[str, Text]]]:
    """What a form suggests: people (under "person"), and the keys of the registers that its fields refer to."""
    found: dict[str, list[tuple[str, Text]]] = {}
    if any(field.kind == "person" for field in register.fields):
        found["person"] = [(one.id, same(one.name)) for one in everybody(tx, active=True)]
    for field in register.parents:
        assert field.refers is not None
        other = REGISTERS[field.refers]
        rows = listing(tx, other, actor=actor, limit=MOST_SUGGESTED).rows
        found[field.name] = [(str(row.values[other.key[0]]), same(row.label)) for row in rows]
    return found

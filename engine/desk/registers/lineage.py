"""Registers whose rows stand under rows of their own kind, such as regions: nothing may stand above itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.fields import Field, Register
from engine.foundation.errors import InvalidAnswers
from engine.foundation.text import Text


def upward(register: Register) -> Field | None:
    """The field by which rows refer to rows of the same register, if there is one."""
    return next((field for field in register.parents if field.refers == register.name), None)


def circles(tx: Connection, register: Register, wanted: Mapping[UUID, UUID | None]) -> dict[UUID, list[UUID]]:
    """Of the rows that shall stand under others (row -> the one above), those that would stand above themselves.

    Each with the way up from it and back to it.
    """
    field = upward(register)
    if field is None or not any(wanted.values()):
        return {}
    table = register.table
    above: dict[UUID, UUID | None] = {
        row.id: row[1] for row in tx.execute(select(table.c.id, table.c[field.name]))
    }
    above |= wanted
    ways = {row: _way(above, row) for row in wanted}
    return {row: way for row, way in ways.items() if way}


def refuse_circle(tx: Connection, register: Register, id: UUID, values: Mapping[str, Any]) -> None:
    """Raise InvalidAnswers when a row with these values would stand above itself."""
    field = upward(register)
    if field is not None and circles(tx, register, {id: values[field.name]}):
        raise InvalidAnswers({field.name: _ABOVE_ITSELF})


def circle_words(names: list[str]) -> Text:
    """The sentence for a way that leads back to where it began."""
    return _CIRCLE.format(way=" → ".join(names))


def _way(above: Mapping[UUID, UUID | None], start: UUID) -> list[UUID]:
    """From a row upwards and back to it, both ends included; empty when the way ends elsewhere."""
    way, following = [start], above.get(start)
    while following is not None and following not in way:
        way.append(following)
        following = above.get(following)
    return [*way, start] if following == start else []


_ABOVE_ITSELF = Text(
    zh="应为不在它之下的上级, 但所选的记录就在它之下; 请另选。",
    en="Expected something that does not stand below this row, but it does; choose another one.",
)
_CIRCLE = Text(
    zh="上级应逐级向上, 但形成了循环: {way}; 请更正其中一行的上级。",
    en="Expected a way that leads up, but it leads back: {way}; correct what one of these rows belongs to.",
)

"""Who changed what in a register, and when: before and after, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.fields import SHANGHAI, Field, Register
from engine.desk.registers.reading import sees_private, veiled
from engine.desk.registers.references import labels_of, names_of_people
from engine.foundation.models.registers import RegisterChange
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text, same


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: None where there was or is nothing."""

    field: Field
    before: Text | None
    after: Text | None


@dataclass(frozen=True, slots=True)
class Change:
    """One act (add, change, retire, restore, review) on a row; `source` is the file of an import."""

    at: datetime
    actor: str
    act: str
    source: str | None
    fields: tuple[FieldChange, ...]


def changes(
    tx: Connection, register: Register, id: UUID, *, actor: Actor, zone: tzinfo = SHANGHAI, limit: int = 100
) -> list[Change]:
    """The latest changes of a row. Raises Forbidden."""
    require(actor, "see_registers", Target(label=register.name))
    rows = list(
        tx.execute(
            select(RegisterChange.__table__)
            .where(RegisterChange.register == register.name, RegisterChange.row_id == id)
            .order_by(RegisterChange.revision.desc(), RegisterChange.id.desc())
            .limit(limit)
        )
    )
    people = names_of_people(tx, (row.actor for row in rows))
    words = _Words(tx, register, [side for row in rows for side in (row.before, row.after)], actor, zone)
    return [
        Change(row.at, people.get(row.actor, row.actor), row.act, row.source, words.compared(row))
        for row in rows
    ]


class _Words:
    """The words for stored values of a register."""

    def __init__(
        self, tx: Connection, register: Register, sides: list[dict[str, Any]], actor: Actor, zone: tzinfo
    ) -> None:
        self._register, self._zone = register, zone
        self._private = sees_private(actor)
        references = {field.name for field in register.parents}
        parsed = [{k: UUID(v) for k, v in side.items() if k in references} for side in sides]
        self._labels = labels_of(tx, register, parsed)
        logins = {field.name for field in register.fields if field.kind == "person"}
        self._people = names_of_people(tx, (v for side in sides for k, v in side.items() if k in logins))

    def compared(self, row: Any) -> tuple[FieldChange, ...]:
        """The fields that an act touched, in the register's order."""
        return tuple(
            FieldChange(field, self._said(field, row.before), self._said(field, row.after))
            for field in self._register.fields
            if field.name in row.before or field.name in row.after
        )

    def _said(self, field: Field, side: Mapping[str, Any]) -> Text | None:
        value = side.get(field.name)
        if value in (None, "", []):
            return None
        if field.private and not self._private:
            return same(veiled(str(value)))
        if isinstance(value, bool):
            return _YES if value else _NO
        if field.choices is not None and value in field.choices:
            return field.choices[str(value)]
        return same(self._plain(field, value))

    def _plain(self, field: Field, value: Any) -> str:
        if field.kind == "reference":
            return self._labels.get(UUID(value), "")
        if field.kind == "person":
            return str(self._people.get(value, value))
        if field.kind == "moment":
            return f"{datetime.fromisoformat(value).astimezone(self._zone):%Y-%m-%d %H:%M}"
        return ", ".join(value) if isinstance(value, list) else str(value)


_YES, _NO = Text(zh="是", en="yes"), Text(zh="否", en="no")

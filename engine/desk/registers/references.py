"""From the keys that people write to the rows they mean, and back to words; many at once for imports and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.catalogue import REGISTERS
from engine.desk.registers.fields import Register
from engine.foundation.models import Person

T = TypeVar("T")
BATCH = 500  # values in one IN list: all databases take that many


@dataclass(frozen=True, slots=True)
class Referred:
    """A row that a key names."""

    id: UUID
    retired: bool


class References:
    """Looks up rows by key and people by login or name, asking the database once per key."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._rows: dict[tuple[str, str], Referred | None] = {}
        self._people: dict[str, str | None] | None = None

    def prime(self, register: str, keys: Iterable[str]) -> None:
        """Look up many keys of a register in a few statements."""
        wanted = sorted({key for key in keys if (register, key) not in self._rows})
        table = REGISTERS[register].table
        column = table.c[REGISTERS[register].key[0]]
        for some in batches(wanted, BATCH):
            self._rows.update(dict.fromkeys((register, key) for key in some))
            found = self._tx.execute(select(column, table.c.id, table.c.retired_at).where(column.in_(some)))
            for key, identity, retired_at in found:
                self._rows[register, key] = Referred(identity, retired_at is not None)

    def promise(self, register: str, key: str, id: UUID) -> None:
        """A row that is about to be written under this key: from now on it can be referred to."""
        self._rows[register, key] = Referred(id, False)

    def row(self, register: str, key: str) -> Referred | None:
        """The row with this key, None when there is none."""
        if (register, key) not in self._rows:
            self.prime(register, (key,))
        return self._rows[register, key]

    def person(self, word: str) -> str | None:
        """The login name of the person with this login, or with this name when nobody else bears it."""
        if self._people is None:
            self._people = _people(self._tx)
        return self._people.get(word)


def _people(tx: Connection) -> dict[str, str | None]:
    everybody = tx.execute(select(Person.id, Person.name)).tuples().all()
    named: dict[str, str | None] = {}
    for login, name in everybody:
        named[name] = None if name in named else login
    return named | {login: login for login, _name in everybody}


def batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in groups of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


def keys_of(tx: Connection, register: Register, rows: Iterable[Mapping[str, Any]]) -> dict[UUID, str]:
    """The key of every row that `rows` refer to: what people write to mean it."""
    return _referred(tx, register, rows, lambda other: other.key)


def labels_of(tx: Connection, register: Register, rows: Iterable[Mapping[str, Any]]) -> dict[UUID, str]:
    """The words for every row that `rows` refer to."""
    return _referred(tx, register, rows, lambda other: other.label)


def _referred(
    tx: Connection, register: Register, rows: Iterable[Mapping[str, Any]], names: Any
) -> dict[UUID, str]:
    wanted: dict[str, set[UUID]] = {}
    rows = list(rows)
    for field in register.parents:
        assert field.refers is not None
        wanted.setdefault(field.refers, set()).update(
            row[field.name] for row in rows if row.get(field.name) is not None
        )
    found: dict[UUID, str] = {}
    for name, identities in wanted.items():
        other = REGISTERS[name]
        found |= _words(tx, other, sorted(identities), names(other))
    return found


def _words(tx: Connection, register: Register, ids: list[UUID], names: tuple[str, ...]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    columns = [register.table.c[name] for name in names]
    for some in batches(ids, BATCH):
        for identity, *parts in tx.execute(
            select(register.table.c.id, *columns).where(register.table.c.id.in_(some))
        ):
            found[identity] = " · ".join(str(part) for part in parts)
    return found


def names_of_people(tx: Connection, logins: Iterable[str]) -> dict[str, str]:
    """The names of people by login."""
    wanted = sorted(set(logins))
    found: dict[str, str] = {}
    for some in batches(wanted, BATCH):
        found.update(tx.execute(select(Person.id, Person.name).where(Person.id.in_(some))).tuples().all())
    return found

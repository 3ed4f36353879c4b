"""Reading a register: one row, a long list by key, and what people may not see of it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, String, and_, func, or_, select, type_coerce

from engine.desk.registers.catalogue import REGISTERS
from engine.desk.registers.fields import Register, Values
from engine.desk.registers.references import labels_of, names_of_people
from engine.foundation.errors import NotFound
from engine.foundation.security import Actor, Target, may, require
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """A row as pages show it: `values` by field, `names` the words of references and people among them."""

    id: UUID
    revision: int
    retired_at: datetime | None
    values: Values
    names: Mapping[str, str]
    label: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Some rows of a register; `after` opens the next page, None at the end."""

    rows: tuple[Row, ...]
    after: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows a list shows: those that hold every word of `search`, and the value `equals` in the column `where`."""

    search: str | None = None
    where: str | None = None
    equals: Any = None
    retired: bool = False


def stored(tx: Connection, register: Register, id: UUID) -> dict[str, Any]:
    """All columns of one row; raises NotFound."""
    found = tx.execute(select(register.table).where(register.table.c.id == id)).mappings().one_or_none()
    if found is None:
        raise NotFound(_NO_ROW.format(what=register.one))
    return dict(found)


def get(tx: Connection, register: Register, id: UUID, *, actor: Actor) -> Row:
    """One row, with personal data veiled from those who do not need it. Raises NotFound, Forbidden."""
    require(actor, "see_registers", Target(label=register.name))
    return _rows(tx, register, [stored(tx, register, id)], actor)[0]


def listing(
    tx: Connection,
    register: Register,
    *,
    actor: Actor,
    wanted: Wanted = Wanted(),
    after: str | None = None,
    limit: int = 50,
) -> Listing:
    """Rows in the register's order. Raises NotFound when `after` is not a word that an earlier page gave."""
    require(actor, "see_registers", Target(label=register.name))
    conditions = conditions_of(register, wanted, actor)
    following = [_behind(register, after)] if after else []
    rows = fetch(tx, register, conditions + following, limit=limit + 1)
    more = len(rows) > limit
    total = None if wanted.search or after else count(tx, register, conditions)
    return Listing(
        rows=tuple(_rows(tx, register, rows[:limit], actor)),
        after=_place(register, rows[limit - 1]) if more else None,
        total=total,
    )


def fetch(
    tx: Connection, register: Register, conditions: list[ColumnElement[bool]], *, limit: int
) -> list[dict[str, Any]]:
    """The first rows that meet the conditions, all columns, in the register's order."""
    sort, identity = register.table.c[register.sort], register.table.c.id
    order = (sort.desc(), identity.desc()) if register.newest_first else (sort, identity)
    chosen = select(register.table).where(*conditions).order_by(*order).limit(limit)
    return [dict(row) for row in tx.execute(chosen).mappings()]


def everything(
    tx: Connection, register: Register, conditions: list[ColumnElement[bool]], *, most: int, size: int = 1000
) -> Iterator[dict[str, Any]]:
    """Up to `most` rows that meet the conditions, read some at a time."""
    place: list[ColumnElement[bool]] = []
    while most > 0:
        rows = fetch(tx, register, conditions + place, limit=min(size, most))
        yield from rows
        if len(rows) < size:
            return
        most -= size
        place = [_behind(register, _place(register, rows[-1]))]


def count(tx: Connection, register: Register, conditions: Iterable[ColumnElement[bool]] = ()) -> int:
    """How many rows meet the conditions."""
    return int(tx.execute(select(func.count()).select_from(register.table).where(*conditions)).scalar_one())


def counts(tx: Connection) -> dict[str, int]:
    """How many rows of each register are in use."""
    return {name: count(tx, r, [r.table.c.retired_at.is_(None)]) for name, r in REGISTERS.items()}


def conditions_of(register: Register, wanted: Wanted, actor: Actor) -> list[ColumnElement[bool]]:
    """What a row has to meet to be wanted."""
    retired = register.table.c.retired_at
    conditions: list[ColumnElement[bool]] = [retired.is_not(None) if wanted.retired else retired.is_(None)]
    if wanted.where is not None:
        conditions.append(register.table.c[wanted.where] == wanted.equals)
    for word in (wanted.search or "").split()[:8]:
        conditions.append(_says(register, word, private=sees_private(actor)))
    return conditions


def sees_private(actor: Actor) -> bool:
    """Whether telephone numbers and addresses are shown to this person."""
    return may(actor, "see_contact_details")


def veiled(word: str) -> str:
    """A telephone number or address of which only enough is left to recognise it."""
    return word if len(word) < 2 else word[: min(3, len(word) // 2)] + "****"


def _says(register: Register, word: str, *, private: bool) -> ColumnElement[bool]:
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = [f.name for f in register.fields if f.searched and (private or not f.private)]
    found = [_like(register, name, pattern) for name in named]
    for field in register.parents:
        if field.listed and field.refers is not None:
            other = REGISTERS[field.refers]
            labelled = or_(*(_like(other, name, pattern) for name in other.label))
            found.append(register.table.c[field.name].in_(select(other.table.c.id).where(labelled)))
    return or_(*found)


def _like(register: Register, name: str, pattern: str) -> ColumnElement[bool]:
    column = type_coerce(register.table.c[name], String)
    return column.ilike(pattern, escape="\\")


def _rows(tx: Connection, register: Register, rows: list[dict[str, Any]], actor: Actor) -> list[Row]:
    labels = labels_of(tx, register, rows)
    logins = [f.name for f in register.fields if f.kind == "person"]
    people = names_of_people(tx, (row[name] for row in rows for name in logins if row[name]))
    private = sees_private(actor)
    return [_row(register, row, labels, people, private) for row in rows]


def _row(
    register: Register, row: dict[str, Any], labels: dict[UUID, str], people: dict[str, str], private: bool
) -> Row:
    names: dict[str, str] = {}
    values = dict(row)
    for field in register.fields:
        value = row[field.name]
        if field.kind == "reference" and value is not None:
            names[field.name] = labels.get(value, "")
        elif field.kind == "person" and value is not None:
            names[field.name] = people.get(value, value)
        elif field.private and value and not private:
            values[field.name] = veiled(value)
    return Row(row["id"], row["revision"], row["retired_at"], values, names, _label(register, values, names))


def _label(register: Register, values: Values, names: Mapping[str, str]) -> str:
    parts = (names.get(name) or values[name] for name in register.label)
    return " · ".join(str(part) for part in parts if part)


def _place(register: Register, row: Mapping[str, Any]) -> str:
    value = row[register.sort]
    word = value.isoformat() if isinstance(value, date) else value
    written = json.dumps([word, row["id"].hex], ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _behind(register: Register, word: str) -> ColumnElement[bool]:
    value, identity = _read_place(register, word)
    sort, own = register.table.c[register.sort], register.table.c.id
    if register.newest_first:
        return or_(sort < value, and_(sort == value, own < identity))
    return or_(sort > value, and_(sort == value, own > identity))


def _read_place(register: Register, word: str) -> tuple[Any, UUID]:
    kind = register.by_name[register.sort].kind
    read: Any = {"date": date.fromisoformat, "moment": datetime.fromisoformat, "integer": int}.get(kind, str)
    try:
        value, identity = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        found = read(value), UUID(identity)
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise NotFound(_NO_SUCH_PAGE) from error
    if kind == "moment" and found[0].tzinfo is None:
        raise NotFound(_NO_SUCH_PAGE)
    return found


_NO_ROW = Text(
    zh="没有这条{what}记录; 请从列表中选择。", en="There is no such row ({what}); choose one from the list."
)
_NO_SUCH_PAGE = Text(
    zh="这个翻页地址应由列表给出, 但无法读出; 请从列表第一页重新开始。",
    en="Expected a page address that a list gave out, but it cannot be read; begin again at the first page.",
)

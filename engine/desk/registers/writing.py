"""Adding, changing and retiring rows: checked, numbered, recorded with before and after; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.desk.registers.checking import check
from engine.desk.registers.fields import SHANGHAI, Hand, Register, Values
from engine.desk.registers.lineage import refuse_circle
from engine.desk.registers.reading import stored
from engine.desk.registers.references import References
from engine.foundation.errors import Conflict, InvalidAnswers
from engine.foundation.ids import new_id
from engine.foundation.models.registers import RegisterChange
from engine.foundation.numbers import next_numbers
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text


def add(
    tx: Connection,
    register: Register,
    raw: Mapping[str, object],
    *,
    actor: Actor,
    at: datetime,
    zone: tzinfo = SHANGHAI,
) -> UUID:
    """Add a row as it was filled in. Raises InvalidAnswers, Forbidden."""
    require(actor, register.keep, Target(label=register.name))
    values = check(register, raw, references=References(tx), zone=zone)
    refuse_taken(tx, register, values)
    return add_rows(tx, register, [values], hand=Hand(actor, at))[0]


def change(
    tx: Connection,
    register: Register,
    id: UUID,
    raw: Mapping[str, object],
    *,
    revision: int,
    actor: Actor,
    at: datetime,
    zone: tzinfo = SHANGHAI,
    names: Collection[str] | None = None,
) -> int:
    """Change a row (only the fields `names`, if given) and return its revision. Raises InvalidAnswers, Conflict, NotFound."""
    require(actor, register.keep, Target(label=register.name))
    old = stored(tx, register, id)
    _refuse_stale(old, revision)
    values = check(register, raw, references=References(tx), zone=zone, old=old, names=names)
    refuse_circle(tx, register, id, values)
    if key_of(register, values) != key_of(register, old):
        refuse_taken(tx, register, values)
    return change_row(tx, register, old, values, hand=Hand(actor, at))


def retire(tx: Connection, register: Register, id: UUID, *, revision: int, actor: Actor, at: datetime) -> int:
    """Take a row out of use; cases that name it go on naming it. Raises Conflict, NotFound, Forbidden."""
    return _mark(tx, register, id, retired_at=at, act="retire", revision=revision, hand=Hand(actor, at))


def restore(
    tx: Connection, register: Register, id: UUID, *, revision: int, actor: Actor, at: datetime
) -> int:
    """Take a retired row back into use. Raises Conflict, NotFound, Forbidden."""
    return _mark(tx, register, id, retired_at=None, act="restore", revision=revision, hand=Hand(actor, at))


def add_rows(
    tx: Connection, register: Register, rows: Sequence[Mapping[str, Any]], *, hand: Hand
) -> list[UUID]:
    """Insert checked rows whose keys are free, and record them. Raises Conflict when somebody was faster.

    Rows that others of the same import refer to bring the `id` that was promised for them.
    """
    if not rows:
        return []
    numbers = _numbers(tx, register, len(rows), hand.at.year)
    filled = [_filled(register, row, hand) | number for row, number in zip(rows, numbers, strict=True)]
    written = [{"id": new_id(hand.at), "revision": 1, "retired_at": None, **row} for row in filled]
    try:
        tx.execute(insert(register.table), written)
    except IntegrityError as error:
        raise Conflict(_FASTER) from error
    _record(tx, register, [_entry(row, 1, "add", {}, row) for row in written], hand)
    _index(tx, register, written)
    return [row["id"] for row in written]


def change_row(
    tx: Connection, register: Register, old: Values, values: Mapping[str, Any], *, hand: Hand
) -> int:
    """Write checked values over a row that was read in this transaction; the same values change nothing."""
    changed = {name: value for name, value in values.items() if value != old[name]}
    if not changed:
        return int(old["revision"])
    changed |= _filled(register, values, hand, only=True)
    return write_over(tx, register, old, changed, act="change", hand=hand)


def write_over(
    tx: Connection, register: Register, old: Values, changed: Mapping[str, Any], *, act: str, hand: Hand
) -> int:
    """Write columns of a row whose revision is still that of `old`, and record before and after."""
    following = int(old["revision"]) + 1
    table = register.table
    try:
        done = tx.execute(
            update(table)
            .where(table.c.id == old["id"], table.c.revision == old["revision"])
            .values(**changed, revision=following)
        )
    except IntegrityError as error:
        raise Conflict(_FASTER) from error
    if done.rowcount != 1:
        raise Conflict(_STALE)
    before = {name: old[name] for name in changed}
    _record(tx, register, [_entry(old, following, act, before, changed)], hand)
    _index(tx, register, [{**old, **changed}])
    return following


def key_of(register: Register, values: Values) -> tuple[Any, ...]:
    """What tells this row from the others."""
    return tuple(values[name] for name in register.key)


def refuse_taken(tx: Connection, register: Register, values: Values) -> None:
    """Raise InvalidAnswers when another row has the same key."""
    if register.series is not None:
        return
    table = register.table
    same = [table.c[name] == values[name] for name in register.key]
    found = tx.execute(select(table.c.retired_at).where(*same)).first()
    if found is not None:
        raise InvalidAnswers({register.key[-1]: _TAKEN if found.retired_at is None else _TAKEN_BY_RETIRED})


def _mark(
    tx: Connection,
    register: Register,
    id: UUID,
    *,
    retired_at: datetime | None,
    act: str,
    revision: int,
    hand: Hand,
) -> int:
    require(hand.actor, register.keep, Target(label=register.name))
    old = stored(tx, register, id)
    if (old["retired_at"] is None) == (retired_at is None):
        return int(old["revision"])
    if old["revision"] != revision:
        raise Conflict(_STALE)
    alongside = register.on_restore if retired_at is None else register.on_retire
    return write_over(tx, register, old, {"retired_at": retired_at, **alongside}, act=act, hand=hand)


def _refuse_stale(old: Values, revision: int) -> None:
    if old["retired_at"] is not None:
        raise Conflict(_RETIRED)
    if old["revision"] != revision:
        raise Conflict(_STALE)


def _numbers(tx: Connection, register: Register, how_many: int, year: int) -> list[dict[str, Any]]:
    if register.series is None:
        return [{} for _ in range(how_many)]
    numbers = next_numbers(tx, register.series, year, how_many=how_many)
    return [{register.key[0]: number} for number in numbers]


def _filled(register: Register, values: Values, hand: Hand, *, only: bool = False) -> dict[str, Any]:
    filled = register.fill(values, hand) if register.fill is not None else {}
    return filled if only else {**values, **filled}


def _index(tx: Connection, register: Register, rows: Iterable[Values]) -> None:
    if register.index is not None:
        for row in rows:
            register.index(tx, row["id"], row)


_Entry = dict[str, Any]


def _entry(row: Values, revision: int, act: str, before: Values, after: Values) -> _Entry:
    return {
        "row_id": row["id"],
        "revision": revision,
        "act": act,
        "before": _plain(before),
        "after": _plain(after),
    }


def _record(tx: Connection, register: Register, entries: Iterable[_Entry], hand: Hand) -> None:
    shared = {"register": register.name, "actor": hand.actor.id, "at": hand.at, "source": hand.source}
    tx.execute(insert(RegisterChange), [{"id": new_id(hand.at), **shared, **entry} for entry in entries])


def _plain(values: Values) -> dict[str, Any]:
    """JSON values; what a row is told apart by, and blanks, are left out."""
    return {
        name: _json(value)
        for name, value in values.items()
        if name not in ("id", "revision") and value is not None
    }


def _json(value: object) -> object:
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


_STALE = Text(
    zh="这一行刚被别人改过, 您的修改没有保存。请打开最新内容, 核对后再改。",
    en="Somebody changed this row in the meantime, and your change was not saved. Open it again and compare.",
)
_RETIRED = Text(
    zh="应为在用的记录, 但它已停用; 请先恢复使用再修改。",
    en="Expected a row that is in use, but it was retired; restore it before changing it.",
)
_FASTER = Text(
    zh="刚有人登记了相同的内容, 本次没有保存。请刷新后核对。",
    en="Somebody has just registered the same, and nothing was saved. Reload and compare.",
)
_TAKEN = Text(
    zh="应未被登记过, 但已有相同的记录; 请打开那条记录修改。",
    en="Expected something new, but it is registered already; open that row and change it.",
)
_TAKEN_BY_RETIRED = Text(
    zh="应未被登记过, 但有一条已停用的相同记录; 请在停用列表中恢复它。",
    en="Expected something new, but a retired row has it; restore that one from the list of retired rows.",
)

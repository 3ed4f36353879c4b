"""The lines of a table on their way into a register: what each would do there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Literal

from sqlalchemy import Connection, select

from engine.acts.table_files import TableRow
from engine.desk.registers.checking import check
from engine.desk.registers.fields import Register
from engine.desk.registers.references import BATCH, References, batches
from engine.desk.registers.values import RetiredReference, Wrong, read_value
from engine.desk.registers.writing import key_of
from engine.foundation.errors import InvalidAnswers
from engine.foundation.text import Text

Act = Literal["new", "changed", "same", "wrong"]


@dataclass(slots=True)
class Line:
    """One line: its cells by field name; after `read_lines` its key, the row that it changes, and its values."""

    number: int
    cells: dict[str, str]
    problems: dict[str, Text]
    key: tuple[Any, ...] | None = None
    old: dict[str, Any] | None = None
    values: dict[str, Any] | None = None

    @property
    def act(self) -> Act:
        """What importing the line does."""
        if self.problems or self.values is None:
            return "wrong"
        if self.old is None:
            return "new"
        return "same" if all(self.old[name] == value for name, value in self.values.items()) else "changed"

    @property
    def seen(self) -> tuple[str, int]:
        """What a person saw of the line in a preview: what it does, and to which revision."""
        return self.act, int(self.old["revision"]) if self.old is not None else 0


def line_of(row: TableRow, names: Sequence[str]) -> Line:
    """A line of a file whose columns are the fields `names`."""
    problems = {names[place]: text for place, text in row.wrong.items()}
    return Line(row.number, dict(zip(names, row.cells, strict=True)), problems)


def read_lines(tx: Connection, register: Register, lines: list[Line], zone: tzinfo) -> None:
    """Compare every line with the register, and check it; problems are noted on the line."""
    references = References(tx)
    for field in register.parents:
        assert field.refers is not None
        references.prime(field.refers, {line.cells.get(field.name, "").strip() for line in lines} - {""})
    for line in lines:
        _read_key(register, line, zone, references)
    _find_old(tx, register, lines)
    for line in lines:
        _read_line(register, line, zone, references)


def _read_key(register: Register, line: Line, zone: tzinfo, references: References) -> None:
    parts: list[Any] = []
    for name in register.key:
        try:
            field, written = register.by_name[name], line.cells.get(name)
            parts.append(read_value(field, written, zone=zone, references=references))
        except RetiredReference as retired:
            parts.append(retired.id)  # a known row may keep it, as `check` decides
        except Wrong as wrong:
            line.problems.setdefault(name, wrong.text)
            return
    line.key = None if None in parts else tuple(parts)


def _find_old(tx: Connection, register: Register, lines: list[Line]) -> None:
    known = _existing(tx, register, [line.key for line in lines if line.key is not None])
    first: dict[tuple[Any, ...], int] = {}
    for line in lines:
        if line.key is None:
            continue
        line.old = known.get(line.key)
        if line.key in first:
            line.problems.setdefault(register.key[-1], _REPEATED.format(row=first[line.key]))
        elif line.old is not None and line.old["retired_at"] is not None:
            line.problems.setdefault(register.key[-1], _RETIRED)
        elif line.old is None and register.series is not None:
            line.problems.setdefault(register.key[-1], _NO_SUCH_NUMBER)
        first.setdefault(line.key, line.number)


def _existing(
    tx: Connection, register: Register, keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    column = register.table.c[register.key[0]]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for some in batches(list(dict.fromkeys(key[0] for key in keys)), BATCH):
        for row in tx.execute(select(register.table).where(column.in_(some))).mappings():
            known = dict(row)
            found[key_of(register, known)] = known
    return found


def _read_line(register: Register, line: Line, zone: tzinfo, references: References) -> None:
    try:
        line.values = check(
            register, line.cells, references=references, zone=zone, old=line.old, names=line.cells
        )
    except InvalidAnswers as wrong:
        unknown = any(name in line.problems for name in register.key)
        for name, text in wrong.errors.items():
            if name in line.cells or not unknown:  # which cells an unknown row needs is unknown too
                line.problems.setdefault(name, text)


_REPEATED = Text(
    zh="与第 {row} 行重复; 请只保留一行。", en="This is the same as row {row}; keep one of them."
)
_RETIRED = Text(
    zh="这条记录已停用; 请先恢复使用再导入。", en="This row was retired; restore it before importing."
)
_NO_SUCH_NUMBER = Text(
    zh="没有这个编号的记录; 新记录请把编号留空。",
    en="No row has this number; leave the number of new rows blank.",
)

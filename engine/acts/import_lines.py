"""The lines of tables on their way into registers: what each would do there, and what is wrong with it.

A line may refer to rows that other lines of the same file bring, in whatever order they stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, select

from engine.acts.table_files import TableRow
from engine.desk.registers.catalogue import REGISTERS
from engine.desk.registers.checking import check
from engine.desk.registers.fields import Register
from engine.desk.registers.lineage import circle_words, circles, upward
from engine.desk.registers.references import BATCH, References, batches
from engine.desk.registers.values import RetiredReference, Wrong, read_value
from engine.desk.registers.writing import key_of
from engine.foundation.errors import InvalidAnswers
from engine.foundation.ids import new_id
from engine.foundation.text import Text

Act = Literal["new", "changed", "same", "wrong"]


@dataclass(slots=True)
class Line:
    """One line: its cells by field name; after `read_sheets` its key, the row that it changes, its values and its id.

    `notes` say of cells that they mean another line of the same file.
    """

    number: int
    cells: dict[str, str]
    problems: dict[str, Text]
    key: tuple[Any, ...] | None = None
    old: dict[str, Any] | None = None
    values: dict[str, Any] | None = None
    id: UUID | None = None
    notes: dict[str, Text] = field(default_factory=dict)

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


@dataclass(slots=True)
class Sheet:
    """The lines that one register gets."""

    register: Register
    lines: list[Line]


def read_sheets(tx: Connection, sheets: Sequence[Sheet], *, at: datetime, zone: tzinfo) -> None:
    """Compare every line with its register, and check it; problems are noted on the line."""
    references = References(tx)
    for sheet in sheets:
        for parent in sheet.register.parents:
            assert parent.refers is not None
            keys = {line.cells.get(parent.name, "").strip() for line in sheet.lines}
            references.prime(parent.refers, keys - {""})
    brought: dict[UUID, Text] = {}
    # In the order of the catalogue, a register that is part of another one's key comes first.
    for sheet in sorted(sheets, key=lambda sheet: list(REGISTERS).index(sheet.register.name)):
        brought |= _recognise(tx, sheet, references, at=at, zone=zone)
    for sheet in sheets:
        for line in sheet.lines:
            _read_line(sheet.register, line, zone, references)
            _note(sheet.register, line, brought)
        _refuse_circles(tx, sheet, references)


def _recognise(
    tx: Connection, sheet: Sheet, references: References, *, at: datetime, zone: tzinfo
) -> dict[UUID, Text]:
    """Find what the lines change, and promise the rows that are new; answers where each of those stands."""
    for line in sheet.lines:
        _read_key(sheet.register, line, zone, references)
    _find_old(tx, sheet.register, sheet.lines)
    brought: dict[UUID, Text] = {}
    for line in sheet.lines:
        line.id = line.old["id"] if line.old is not None else new_id(at)
        word = line.key[0] if line.key else None
        if line.old is None and isinstance(word, str) and sheet.register.key[-1] not in line.problems:
            references.promise(sheet.register.name, word, line.id)
            brought[line.id] = _IN_THIS_FILE.format(what=sheet.register.title, row=line.number)
    return brought


def _note(register: Register, line: Line, brought: dict[UUID, Text]) -> None:
    for parent in register.parents:
        meant = (line.values or {}).get(parent.name)
        if meant in brought and parent.name in line.cells:
            line.notes[parent.name] = brought[meant]


def _refuse_circles(tx: Connection, sheet: Sheet, references: References) -> None:
    """Also for lines that are wrong otherwise, so that everything wrong is named at once."""
    above = upward(sheet.register)
    if above is None:
        return
    known = {line.id: line for line in sheet.lines if line.id is not None and line.key is not None}
    wanted = {id: _above(sheet.register, line, above.name, references) for id, line in known.items()}
    found = circles(tx, sheet.register, wanted)
    if not found:
        return
    words = _words(tx, sheet.register, {id for way in found.values() for id in way} - set(known))
    words |= {id: str(line.key[0]) for id, line in known.items() if line.key}
    for id, way in found.items():
        known[id].problems.setdefault(above.name, circle_words([words.get(one, "") for one in way]))


def _above(register: Register, line: Line, name: str, references: References) -> UUID | None:
    if line.values is not None:
        return line.values[name]  # type: ignore[no-any-return]
    written = line.cells.get(name, "").strip()
    referred = references.row(register.name, written) if written else None
    return referred.id if referred is not None else None


def _words(tx: Connection, register: Register, ids: set[UUID]) -> dict[UUID, str]:
    key = register.table.c[register.key[0]]
    query = select(register.table.c.id, key).where(register.table.c.id.in_(sorted(ids)))
    return dict(tx.execute(query).tuples().all())


def _read_key(register: Register, line: Line, zone: tzinfo, references: References) -> None:
    parts: list[Any] = []
    for name in register.key:
        try:
            part, written = register.by_name[name], line.cells.get(name)
            parts.append(read_value(part, written, zone=zone, references=references))
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


_IN_THIS_FILE = Text(zh="本文件: {what}, 第 {row} 行", en="in this file: {what}, row {row}")
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

"""Registers in and out as tables: a preview names each wrong row and column, and nothing is half imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from engine.acts.import_lines import Act, Line, Sheet, line_of, read_sheets
from engine.acts.table_files import NamedTable, Table
from engine.desk.registers.catalogue import REGISTERS
from engine.desk.registers.fields import SHANGHAI, Field, Hand, Register
from engine.desk.registers.writing import add_rows, change_row
from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.ids import new_id
from engine.foundation.models.registers import PendingImport
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text

KEPT_FOR = timedelta(hours=24)  # how long a preview can be confirmed
WORKBOOK = "*"  # stands for a register's name where a file holds several


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A line of the file, what importing it would do, and what is wrong with its cells, by field name.

    `notes` say which cells mean another line of the same file.
    """

    number: int
    act: Act
    cells: Mapping[str, str]
    problems: Mapping[str, Text]
    notes: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One wrong cell: the row number as the spreadsheet shows it, and the column's title."""

    row: int
    column: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do to one register. `token` confirms the whole file, None while anything in it is wrong.

    `ignored` are columns that only inform.
    """

    register: str
    file: str
    columns: tuple[Field, ...]
    ignored: tuple[Field, ...]
    rows: tuple[PreviewRow, ...]
    problems: tuple[CellProblem, ...]
    token: UUID | None = None

    def count(self, act: Act) -> int:
        """How many rows would be new, changed or the same, or are wrong."""
        return sum(row.act == act for row in self.rows)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did to one register."""

    register: str
    added: int
    changed: int
    same: int


def preview(
    tx: Connection,
    register: Register,
    table: Table,
    *,
    file: str,
    actor: Actor,
    at: datetime,
    zone: tzinfo = SHANGHAI,
) -> Preview:
    """Check a whole table against a register; kept for confirmation when everything is right.

    Raises Rejection when columns are unknown, missing or named twice, Forbidden.
    """
    require(actor, register.keep, Target(label=register.name))
    return _preview(tx, [(register, table)], register.name, file=file, actor=actor, at=at, zone=zone)[0]


def preview_workbook(
    tx: Connection,
    tables: Sequence[NamedTable],
    *,
    file: str,
    actor: Actor,
    at: datetime,
    zone: tzinfo = SHANGHAI,
) -> list[Preview]:
    """Check a workbook whose sheets bear the names of registers; rows of one sheet may refer to rows of another.

    Raises as `preview`, and Rejection when a sheet bears no register's name.
    """
    parts = [(_register_called(one.name), one.table) for one in tables]
    if len({register.name for register, _ in parts}) < len(parts):
        raise Rejection(_SHEET_TWICE)
    return _preview(tx, parts, WORKBOOK, file=file, actor=actor, at=at, zone=zone)


def apply(
    tx: Connection,
    token: UUID,
    register: Register,
    *,
    actor: Actor,
    at: datetime,
    zone: tzinfo = SHANGHAI,
) -> Applied:
    """Import what was previewed, all of it or (by raising) nothing. Raises NotFound, Conflict, Forbidden."""
    require(actor, register.keep, Target(label=register.name))
    return _apply(tx, token, register.name, actor=actor, at=at, zone=zone)[0]


def apply_workbook(
    tx: Connection, token: UUID, *, actor: Actor, at: datetime, zone: tzinfo = SHANGHAI
) -> list[Applied]:
    """Import a workbook that was previewed, all sheets or nothing. Raises as `apply`."""
    return _apply(tx, token, WORKBOOK, actor=actor, at=at, zone=zone)


def _preview(
    tx: Connection,
    parts: Sequence[tuple[Register, Table]],
    name: str,
    *,
    file: str,
    actor: Actor,
    at: datetime,
    zone: tzinfo,
) -> list[Preview]:
    columns = [_columns(register, table.headers) for register, table in parts]
    sheets = [
        Sheet(register, [line_of(row, _names(fields)) for row in table.rows])
        for (register, table), fields in zip(parts, columns, strict=True)
    ]
    read_sheets(tx, sheets, at=at, zone=zone)
    _require_keeper(sheets, actor)
    lines = [line for sheet in sheets for line in sheet.lines]
    right = bool(lines) and not any(line.problems for line in lines)
    token = _keep(tx, name, sheets, file=file, actor=actor, at=at) if right else None
    return [_previewed(sheet, file, fields, token) for sheet, fields in zip(sheets, columns, strict=True)]


def _apply(
    tx: Connection, token: UUID, name: str, *, actor: Actor, at: datetime, zone: tzinfo
) -> list[Applied]:
    waiting = _pending(tx, token, name, actor, at)
    kept = [(REGISTERS[of], rows) for of, rows in waiting.content["sheets"]]
    sheets = [
        Sheet(register, [Line(number, cells, {}) for number, cells, _ in rows]) for register, rows in kept
    ]
    read_sheets(tx, sheets, at=at, zone=zone)
    for sheet, (_register, rows) in zip(sheets, kept, strict=True):
        if [line.seen for line in sheet.lines] != [tuple(seen) for _number, _cells, seen in rows]:
            raise Conflict(_MOVED)
    _require_keeper(sheets, actor)
    hand = Hand(actor, at, source=waiting.file)
    done = [_write(tx, sheet, hand) for sheet in sheets]
    tx.execute(delete(PendingImport).where(PendingImport.id == token))
    return done


def _require_keeper(sheets: Iterable[Sheet], actor: Actor) -> None:
    """Rows that stay as they are need no keeper: who exports everything may change their own part of it."""
    for sheet in sheets:
        if any(line.act != "same" for line in sheet.lines):
            require(actor, sheet.register.keep, Target(label=sheet.register.name))


def _write(tx: Connection, sheet: Sheet, hand: Hand) -> Applied:
    fresh = [line for line in sheet.lines if line.act == "new"]
    add_rows(tx, sheet.register, [{"id": line.id, **(line.values or {})} for line in fresh], hand=hand)
    changed = [line for line in sheet.lines if line.act == "changed"]
    for line in changed:
        assert line.old is not None and line.values is not None
        change_row(tx, sheet.register, line.old, line.values, hand=hand)
    same = len(sheet.lines) - len(fresh) - len(changed)
    return Applied(sheet.register.name, len(fresh), len(changed), same)


def _columns(register: Register, headers: Sequence[str]) -> tuple[Field, ...]:
    known = {
        word.casefold(): field
        for field in register.fields
        for word in (field.name, field.title.zh, field.title.en)
    }
    found = [known.get(header.strip().rstrip("*").strip().casefold()) for header in headers]
    unknown = [header for header, field in zip(headers, found, strict=True) if field is None]
    if unknown:
        raise Rejection(_UNKNOWN_COLUMNS.format(found=", ".join(header or "-" for header in unknown)))
    columns = tuple(field for field in found if field is not None)
    if len(set(_names(columns))) < len(columns):
        raise Rejection(_TWICE)
    absent = [register.by_name[name] for name in register.key if name not in _names(columns)]
    if absent and register.series is None:
        raise Rejection(_NO_KEY.format(what=absent[0].title))
    return columns


def _names(fields: Iterable[Field]) -> list[str]:
    return [field.name for field in fields]


def _register_called(name: str) -> Register:
    """The register that a sheet is named after, in either language or by its id."""
    word = name.strip().casefold()
    for register in REGISTERS.values():
        if word in {register.name, register.title.zh.casefold(), register.title.en.casefold()[:31]}:
            return register
    raise Rejection(_UNKNOWN_SHEET.format(found=name))


def _previewed(sheet: Sheet, file: str, columns: tuple[Field, ...], token: UUID | None) -> Preview:
    register, lines = sheet.register, sheet.lines
    return Preview(
        register=register.name,
        file=file,
        columns=columns,
        ignored=tuple(f for f in columns if not f.given and f.name not in register.key),
        rows=tuple(PreviewRow(one.number, one.act, one.cells, one.problems, one.notes) for one in lines),
        problems=tuple(_cell_problems(register, lines)),
        token=token,
    )


def _cell_problems(register: Register, lines: Iterable[Line]) -> Iterator[CellProblem]:
    for line in lines:
        for field in register.fields:
            if field.name in line.problems:
                yield CellProblem(line.number, field.title, line.problems[field.name])


def _keep(
    tx: Connection, name: str, sheets: Sequence[Sheet], *, file: str, actor: Actor, at: datetime
) -> UUID:
    tx.execute(delete(PendingImport).where(PendingImport.at < at - KEPT_FOR))
    token = new_id(at)
    content = {
        "sheets": [[s.register.name, [[one.number, one.cells, one.seen] for one in s.lines]] for s in sheets]
    }
    written = {"register": name, "actor": actor.id, "at": at, "file": file[:200]}
    tx.execute(insert(PendingImport).values(id=token, content=content, **written))
    return token


def _pending(tx: Connection, token: UUID, name: str, actor: Actor, at: datetime) -> Any:
    row = tx.execute(select(PendingImport.__table__).where(PendingImport.id == token)).one_or_none()
    if row is None or (row.actor, row.register) != (actor.id, name) or row.at < at - KEPT_FOR:
        raise NotFound(_NOTHING_WAITS)
    if "sheets" not in row.content:  # kept by an earlier version
        raise NotFound(_NOTHING_WAITS)
    return row


_UNKNOWN_SHEET = Text(
    zh="工作表应以台账命名, 但不认识“{found}”; 请改名或删除这张表。",
    en="Expected sheets that bear the names of registers, found “{found}”; rename or remove it.",
)
_SHEET_TWICE = Text(
    zh="每个台账应只有一张工作表, 但有重复; 请合并后再上传。",
    en="Expected one sheet for each register, but two mean the same; put them together.",
)
_UNKNOWN_COLUMNS = Text(
    zh="第 1 行应只有本台账的列标题, 但不认识: {found}; 请改正标题或删除这些列。",
    en="Expected the column titles of this register in row 1, but found: {found}; correct or remove these columns.",
)
_TWICE = Text(
    zh="每列应只出现一次, 但第 1 行有重复的列; 请删除其中一列。",
    en="Expected each column once, but row 1 names one twice; remove one of them.",
)
_NO_KEY = Text(
    zh='应有"{what}"一列, 用来识别每一行; 请补上。',
    en='Expected the column "{what}", by which rows are recognised; add it.',
)
_NOTHING_WAITS = Text(
    zh="没有等待确认的导入: 它可能已经导入、已过期, 或由他人上传。请查看列表, 需要时重新上传。",
    en="No such import waits for you: it may be done, expired or somebody else's. Look at the list, and upload again if needed.",
)
_MOVED = Text(
    zh="预览之后台账有了变化, 所以没有导入任何内容。请重新上传并查看新的预览。",
    en="The registers have changed since the preview, so nothing was imported. Upload the file again and look at the new preview.",
)

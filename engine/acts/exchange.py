"""Registers in and out as tables: a preview names each wrong row and column, and nothing is half imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from engine.acts.import_lines import Act, Line, line_of, read_lines
from engine.acts.table_files import Table, Value, write_csv, write_xlsx
from engine.desk.registers.fields import SHANGHAI, Field, Hand, Register
from engine.desk.registers.reading import Wanted, conditions_of, everything
from engine.desk.registers.references import keys_of
from engine.desk.registers.values import write_value
from engine.desk.registers.writing import add_rows, change_row
from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.ids import new_id
from engine.foundation.models.registers import PendingImport
from engine.foundation.security import Actor, Target, log_access, require
from engine.foundation.text import Text

KEPT_FOR = timedelta(hours=24)  # how long a preview can be confirmed
MOST_EXPORTED = 50_000

Format = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A line of the file, what importing it would do, and what is wrong with its cells, by field name."""

    number: int
    act: Act
    cells: Mapping[str, str]
    problems: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One wrong cell: the row number as the spreadsheet shows it, and the column's title."""

    row: int
    column: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. `token` confirms it, None while anything is wrong; `ignored` are columns that only inform."""

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
    """What an import did."""

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
    columns = _columns(register, table.headers)
    names = [field.name for field in columns]
    lines = [line_of(row, names) for row in table.rows]
    read_lines(tx, register, lines, zone)
    token = None
    if lines and not any(line.problems for line in lines):
        token = _keep(tx, register, lines, file=file, actor=actor, at=at)
    return _previewed(register, file, columns, lines, token)


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
    waiting = _pending(tx, token, actor, at)
    if waiting.register != register.name:
        raise NotFound(_NOTHING_WAITS)
    lines = [Line(number, cells, {}) for number, cells, _ in waiting.content["rows"]]
    read_lines(tx, register, lines, zone)
    if [line.seen for line in lines] != [tuple(seen) for _number, _cells, seen in waiting.content["rows"]]:
        raise Conflict(_MOVED)
    hand = Hand(actor, at, source=waiting.file)
    fresh = [line.values for line in lines if line.act == "new" and line.values is not None]
    add_rows(tx, register, fresh, hand=hand)
    changed = [line for line in lines if line.act == "changed"]
    for line in changed:
        assert line.old is not None and line.values is not None
        change_row(tx, register, line.old, line.values, hand=hand)
    tx.execute(delete(PendingImport).where(PendingImport.id == token))
    return Applied(register.name, len(fresh), len(changed), len(lines) - len(fresh) - len(changed))


def export(
    tx: Connection,
    register: Register,
    *,
    format: Format,
    actor: Actor,
    at: datetime,
    wanted: Wanted = Wanted(),
    language: str = "zh",
    zone: tzinfo = SHANGHAI,
) -> bytes:
    """The wanted rows as a table that can be imported again; leaves a line in the access log. Raises Forbidden."""
    require(actor, "export_register", Target(label=register.name))
    rows = list(everything(tx, register, conditions_of(register, wanted, actor), most=MOST_EXPORTED))
    target = f"{register.name} ({len(rows)})"
    log_access(tx, actor=actor.id, act="export_register", target=target, allowed=True, at=at)
    keys = keys_of(tx, register, rows)
    lines = ([_cell(f, row[f.name], zone, language, keys) for f in register.fields] for row in rows)
    return _file(register, language, lines, format)


def template(register: Register, *, format: Format, language: str = "zh") -> bytes:
    """An empty table with the titles of the columns that people fill in."""
    return _file(register, language, [], format, fields=[field for field in register.fields if field.given])


def _file(
    register: Register,
    language: str,
    lines: Iterable[Sequence[Value]],
    format: Format,
    fields: Sequence[Field] | None = None,
) -> bytes:
    headers = [field.title.in_(language) for field in fields or register.fields]
    if format == "csv":
        return write_csv(headers, lines)
    return write_xlsx(register.title.in_(language), headers, lines)


def _cell(field: Field, value: object, zone: tzinfo, language: str, keys: dict[UUID, str]) -> Value:
    if field.kind == "integer" and isinstance(value, int):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return write_value(field, value, zone=zone, language=language, keys=keys)


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


def _previewed(
    register: Register, file: str, columns: tuple[Field, ...], lines: list[Line], token: UUID | None
) -> Preview:
    return Preview(
        register=register.name,
        file=file,
        columns=columns,
        ignored=tuple(f for f in columns if not f.given and f.name not in register.key),
        rows=tuple(PreviewRow(line.number, line.act, line.cells, line.problems) for line in lines),
        problems=tuple(_cell_problems(register, lines)),
        token=token,
    )


def _cell_problems(register: Register, lines: Iterable[Line]) -> Iterator[CellProblem]:
    for line in lines:
        for field in register.fields:
            if field.name in line.problems:
                yield CellProblem(line.number, field.title, line.problems[field.name])


def _keep(
    tx: Connection, register: Register, lines: list[Line], *, file: str, actor: Actor, at: datetime
) -> UUID:
    tx.execute(delete(PendingImport).where(PendingImport.at < at - KEPT_FOR))
    token = new_id(at)
    content = {"rows": [[line.number, line.cells, line.seen] for line in lines]}
    written = {"register": register.name, "actor": actor.id, "at": at, "file": file[:200]}
    tx.execute(insert(PendingImport).values(id=token, content=content, **written))
    return token


def _pending(tx: Connection, token: UUID, actor: Actor, at: datetime) -> Any:
    row = tx.execute(select(PendingImport.__table__).where(PendingImport.id == token)).one_or_none()
    if row is None or row.actor != actor.id or row.at < at - KEPT_FOR:
        raise NotFound(_NOTHING_WAITS)
    return row


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

"""Tables out of files: CSV in the encodings that offices use, and XLSX with one sheet or several; everything read as text."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.foundation.errors import Rejection
from engine.foundation.text import Text

LARGEST = 5_000_000
LARGEST_UNPACKED = 60_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_SHEETS = 40
EXACT_DIGITS = 10**15  # a spreadsheet keeps no more digits of a number

STARTS_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20\t\r"
_GUARDED = re.compile(f"'+[{STARTS_FORMULA}]")
_DOCTYPES = [
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table with the number that a spreadsheet shows; `wrong` names cells that are no text, by place."""

    number: int
    cells: tuple[str, ...]
    wrong: dict[int, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """The first line of a file as headers, and the lines below that are not blank."""

    headers: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class NamedTable:
    """One sheet of a workbook."""

    name: str
    table: Table


def read_table_file(content: bytes, name: str) -> Table:
    """The table in a CSV or XLSX file. Raises Rejection when it cannot be read, is too large or has no header."""
    packed = _is_workbook(content)
    if not packed and not name.lower().endswith((".csv", ".txt", ".tsv")):
        raise Rejection(_NO_TABLE)
    table = _table(next(_sheets(content))[1] if packed else _csv(content))
    if table is None:
        raise Rejection(_NO_HEADER)
    if len(table.rows) > MOST_ROWS:
        raise Rejection(_TOO_MANY.format(most=MOST_ROWS))
    return table


def read_workbook(content: bytes) -> list[NamedTable]:
    """All sheets of an XLSX file that hold anything. Raises as `read_table_file`; rows are counted together."""
    if not _is_workbook(content):
        raise Rejection(_NO_WORKBOOK)
    named = [(name, _table(rows)) for name, rows in _sheets(content)]
    found = [NamedTable(name, table) for name, table in named if table is not None]
    if not found:
        raise Rejection(_NO_HEADER)
    if sum(len(one.table.rows) for one in found) > MOST_ROWS:
        raise Rejection(_TOO_MANY.format(most=MOST_ROWS))
    return found


def _is_workbook(content: bytes) -> bool:
    if len(content) > LARGEST:
        raise Rejection(_TOO_LARGE.format(most=LARGEST // 1_000_000))
    return content.startswith(b"PK\x03\x04")


def _table(lines: Iterable[TableRow]) -> Table | None:
    rows = [row for row in lines if any(row.cells) or row.wrong]
    if not rows:
        return None
    if rows[0].wrong:
        raise Rejection(_NO_HEADER)
    headers = rows[0].cells
    while headers and not headers[-1]:
        headers = headers[:-1]
    return Table(headers, tuple(_fitted(row, len(headers)) for row in rows[1:]))


def _fitted(row: TableRow, width: int) -> TableRow:
    if any(row.cells[width:]) or any(place >= width for place in row.wrong):
        raise Rejection(_TOO_WIDE.format(row=row.number))
    cells = row.cells[:width]
    return TableRow(row.number, cells + ("",) * (width - len(cells)), row.wrong)


def _csv(content: bytes) -> Iterator[TableRow]:
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(lines, start=1):
            _refuse_beyond(number, len(cells))
            yield _text_row(number, cells)
    except csv.Error as error:
        raise Rejection(_BROKEN_CSV.format(row=lines.line_num)) from error


def _decoded(content: bytes) -> str:
    codes = ["utf-8-sig", "gb18030"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codes = ["utf-16"]
    for code in codes:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Rejection(_NO_TEXT)


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=lambda sign: (first.count(sign), sign == ","))


def _text_row(number: int, cells: Sequence[str]) -> TableRow:
    wrong = {place: _FORMULA for place, cell in enumerate(cells) if cell.startswith(("=", "\uff1d"))}
    return TableRow(number, tuple(unguarded(cell).strip() for cell in cells), wrong)


def _sheets(content: bytes) -> Iterator[tuple[str, Iterator[TableRow]]]:
    import openpyxl  # type: ignore[import-untyped]  # loaded by the few who need it, not by every start

    _refuse_traps(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = book.worksheets
        sheets[0].reset_dimensions()
    except Exception as error:  # the library raises whatever a damaged file leads it to
        raise Rejection(_BROKEN_XLSX) from error
    return ((str(sheet.title), _rows(sheet)) for sheet in sheets[:MOST_SHEETS])


def _rows(sheet: Any) -> Iterator[TableRow]:
    try:
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            _refuse_beyond(number, len(cells))
            yield _sheet_row(number, cells)
    except Rejection:
        raise
    except Exception as error:  # as above
        raise Rejection(_BROKEN_XLSX) from error


def _refuse_traps(content: bytes) -> None:
    """Refuse archives that unpack to far more than they weigh, and document types that expand."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
                raise Rejection(_TOO_LARGE.format(most=LARGEST // 1_000_000))
            for member in archive.infolist():
                if member.filename.endswith((".xml", ".rels", ".vml")):
                    body = archive.read(member)
                    if any(mark in body for mark in _DOCTYPES):
                        raise Rejection(_BROKEN_XLSX)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Rejection(_BROKEN_XLSX) from error


def _sheet_row(number: int, cells: Iterable[Any]) -> TableRow:
    texts: list[str] = []
    wrong: dict[int, Text] = {}
    for place, cell in enumerate(cells):
        text, problem = _sheet_cell(cell)
        texts.append(text)
        if problem is not None:
            wrong[place] = problem
    return TableRow(number, tuple(texts), wrong)


def _sheet_cell(cell: Any) -> tuple[str, Text | None]:
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type in ("f", "e"):
        return str(value) if isinstance(
            value, str
        ) else "=", _FORMULA if cell.data_type == "f" else _ERROR_VALUE
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" "), None
    return str(value).strip(), None


def _number(value: int | float) -> tuple[str, Text | None]:
    whole = int(value) if isinstance(value, int) or value.is_integer() else None
    if abs(value) >= EXACT_DIGITS:
        return str(whole), _ROUNDED
    return str(value if whole is None else whole), None


def _refuse_beyond(number: int, width: int) -> None:
    if number > 4 * MOST_ROWS:
        raise Rejection(_TOO_MANY.format(most=MOST_ROWS))
    if width > 16 * MOST_COLUMNS:
        raise Rejection(_TOO_WIDE.format(row=number))


def unguarded(text: str) -> str:
    """The text that `table_writing.guarded` made safe."""
    return text[1:] if _GUARDED.match(text) else text


_TOO_LARGE = Text(
    zh="文件最大 {most} MB; 请拆成几个文件导入。",
    en="Expected at most {most} MB; split the file and import the parts.",
)
_TOO_MANY = Text(
    zh="一次最多导入 {most} 行; 请拆成几个文件。",
    en="Expected at most {most} rows at a time; split the file.",
)
_NO_TABLE = Text(
    zh="应为 CSV 或 XLSX 文件; 请在表格软件中另存为其中一种。",
    en="Expected a CSV or XLSX file; save the table as one of them.",
)
_NO_WORKBOOK = Text(
    zh="应为含有多张工作表的 XLSX 文件; 请在表格软件中另存为 XLSX。",
    en="Expected an XLSX file with a sheet for each register; save it as XLSX.",
)
_NO_HEADER = Text(
    zh="第一行应为列标题, 但没有找到; 请先下载模板。",
    en="Expected column titles in the first line, found none; download the template first.",
)
_TOO_WIDE = Text(
    zh="第 {row} 行的内容超出了有标题的列; 请补上标题或删除多余内容。",
    en="Row {row} holds more cells than there are titles; add the titles or remove the cells.",
)
_BROKEN_CSV = Text(
    zh="第 {row} 行附近的引号不成对, 无法读出; 请用表格软件重新保存。",
    en="The quotation marks near line {row} do not match; save the file again with a spreadsheet program.",
)
_BROKEN_XLSX = Text(
    zh="应为完好的 XLSX 文件, 但无法读出; 请用表格软件另存一份。",
    en="Expected a sound XLSX file, but it cannot be read; save a copy with a spreadsheet program.",
)
_NO_TEXT = Text(
    zh="应为 UTF-8 或 GB18030 编码的文字, 但无法识别; 请另存为 CSV UTF-8。",
    en="Expected text in UTF-8 or GB18030, found neither; save it as CSV UTF-8.",
)
_FORMULA = Text(
    zh="应为值, 实际为公式; 请复制后选择性粘贴为值。",
    en="Expected a value, found a formula; paste it as a value.",
)
_ERROR_VALUE = Text(
    zh="应为值, 实际为表格的出错标记; 请更正公式后粘贴为值。",
    en="Expected a value, found a spreadsheet error; correct it and paste it as a value.",
)
_ROUNDED = Text(
    zh="超过 15 位的数字已被表格软件舍入; 请把此列设为文本后重新填写。",
    en="A spreadsheet rounds numbers of more than 15 digits; format the column as text and enter it again.",
)

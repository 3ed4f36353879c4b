"""Tables into files: CSV and XLSX that every spreadsheet reads rightly, and in which nothing runs as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.acts.table_files import STARTS_FORMULA

_DANGEROUS = re.compile(f"'*[{STARTS_FORMULA}]")

Value = str | int | float | date | None


def guarded(text: str) -> str:
    """A text that a spreadsheet shows as it is instead of computing it; `unguarded` undoes it."""
    return "'" + text if _DANGEROUS.match(text) else text


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file in UTF-8 with a byte order mark, so that every spreadsheet reads Chinese rightly."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([guarded(header) for header in headers])
    writer.writerows([guarded(_flat(value)) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class OutSheet:
    """One sheet of a workbook to be written."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_xlsx(title: str, headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A workbook with one sheet; text stays text whatever it begins with."""
    return write_workbook([OutSheet(title, headers, rows)])


def write_workbook(sheets: Iterable[OutSheet]) -> bytes:
    """A workbook with several sheets, written as `write_xlsx` does."""
    import openpyxl  # type: ignore[import-untyped]  # loaded by the few who need it, not by every start

    book = openpyxl.Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", one.title)[:31])
        sheet.freeze_panes = "A2"
        for place, header in enumerate(one.headers, start=1):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = max(
                12, 2 * len(header) + 4
            )
        sheet.append([_cell(sheet, header, bold=True) for header in one.headers])
        for row in one.rows:
            sheet.append([_cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.styles import Font  # type: ignore[import-untyped]

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _flat(value: Value) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)

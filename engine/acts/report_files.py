"""Reports as files: a CSV table or an XLSX book, and lines for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from engine.acts.figure_labels import named
from engine.acts.reports import FigurePage, Line, Report
from engine.acts.table_writing import OutSheet, guarded, write_workbook
from engine.foundation.figure_kinds import SECTIONS
from engine.foundation.text import Text
from engine.record.figures.measured import Number
from engine.record.figures.words import column_name, row_kind_name, unit_of

Cell = str | int | float | None

UNITS: dict[str, Text] = {
    "percent": Text(zh="%", en="%"),
    "count": Text(zh="", en=""),
    "minutes": Text(zh="分钟", en="min"),
    "days": Text(zh="天", en="days"),
    "score": Text(zh="分", en="points"),
}


def report_csv(report: Report, language: str) -> bytes:
    """The figures as one table in UTF-8 with a byte order mark, so that every spreadsheet reads Chinese rightly."""
    return _csv([_headers(_SUMMARY, language), *_summary(report, language)])


def figure_csv(page: FigurePage, language: str) -> bytes:
    """The cases behind one figure, likewise."""
    return _csv([_headers(_CASES, language), *_cases(page, language)])


def report_xlsx(report: Report, language: str) -> bytes:
    """A book of three sheets: the figures, their tables, and the definitions in words."""
    sheets = (
        (_FIGURES, _SUMMARY, _summary(report, language)),
        (_TABLES, _ROWS, _tables(report, language)),
        (_WORDS, _DEFINITIONS, _definitions(report, language)),
    )
    return write_workbook(
        OutSheet(title.in_(language), _headers(headers, language), rows) for title, headers, rows in sheets
    )


def lines(report: Report, language: str) -> Iterator[str]:
    """One line a figure, for a terminal."""
    for line in report.lines:
        unit, told = UNITS[line.definition.unit].in_(language), line.published
        state = (_TOLD if told else _NOW).in_(language)
        value = f"{_shown(line.measured.value)} {unit}".rstrip()
        yield f"{report.period.name}  {line.definition.title.in_(language)}: {value}  ({state})"


def _summary(report: Report, language: str) -> Iterator[list[Cell]]:
    for line in report.lines:
        figure, measured, told = line.definition, line.measured, line.published
        yield [
            SECTIONS[figure.section].in_(language),
            figure.title.in_(language),
            measured.value,
            UNITS[figure.unit].in_(language),
            measured.numerator,
            measured.denominator,
            "; ".join(
                f"{column_name(k, report.labels).in_(language)} {_shown(v)}"
                for k, v in measured.details.items()
            ),
            told.version if told else figure.version,
            f"{told.published_at.astimezone(report.period.zone):%Y-%m-%d %H:%M}" if told else "",
            told.revision if told else None,
        ]


def _tables(report: Report, language: str) -> Iterator[list[Cell]]:
    for line in report.lines:
        for row in line.measured.rows:
            for column, value in row.values.items():
                yield [
                    line.definition.title.in_(language),
                    row_kind_name(line.measured.row_kind).in_(language),
                    named(report.labels, row.key).in_(language),
                    column_name(column).in_(language),
                    value,
                    UNITS[unit_of(column, line.definition.unit)].in_(language),
                ]


def _definitions(report: Report, language: str) -> Iterator[list[Cell]]:
    for line in report.lines:
        words = line.definition
        yield [
            words.title.in_(language),
            words.version,
            " ".join(words.clauses),
            words.definition.in_(language),
        ]


def _cases(page: FigurePage, language: str) -> Iterator[list[Cell]]:
    unit = UNITS[amount_unit(page.line)].in_(language)
    for member in page.members:
        part = named(page.labels, member.part).in_(language)
        yield [member.case, part, member.amount, unit if member.amount is not None else "", member.name]


def amount_unit(line: Line) -> str:
    """The unit of what was measured of each case behind a figure."""
    return _AMOUNTS.get(line.definition.kind, line.definition.unit)


def _headers(headers: Sequence[Text], language: str) -> list[str]:
    return [header.in_(language) for header in headers]


def _csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([guarded(c) if isinstance(c, str) else c for c in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _shown(value: Number) -> str:
    return "–" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)


_AMOUNTS = {
    "timely_repair": "minutes",
    "faults": "minutes",
    "severe": "minutes",
    "accidents": "minutes",
    "availability": "minutes",
    "repeats": "days",
    "first_time_fix": "count",
    "returned": "count",
}
_FIGURES = Text(zh="指标", en="Figures")
_TABLES = Text(zh="明细表", en="Tables")
_WORDS = Text(zh="定义", en="Definitions")
_TOLD = Text(zh="已发布", en="published")
_NOW = Text(zh="截至现在", en="as it stands now")
_TITLE, _VALUE, _UNIT = Text(zh="指标", en="Figure"), Text(zh="数值", en="Value"), Text(zh="单位", en="Unit")
_VERSION = Text(zh="定义版本", en="Version of the definition")
_SUMMARY = (
    Text(zh="类别", en="Section"),
    _TITLE,
    _VALUE,
    _UNIT,
    Text(zh="分子", en="Numerator"),
    Text(zh="分母", en="Denominator"),
    Text(zh="其他数值", en="Further numbers"),
    _VERSION,
    Text(zh="发布时间", en="Published"),
    Text(zh="修订", en="Revision"),
)
_ROWS = (
    _TITLE,
    Text(zh="分类", en="By"),
    Text(zh="项目", en="Line"),
    Text(zh="列", en="Column"),
    _VALUE,
    _UNIT,
)
_DEFINITIONS = (_TITLE, _VERSION, Text(zh="条款", en="Clauses"), Text(zh="定义", en="Definition"))
_CASES = (
    Text(zh="案例", en="Case"),
    Text(zh="计为", en="Counted as"),
    Text(zh="数值", en="Amount"),
    _UNIT,
    Text(zh="说明", en="Note"),
)

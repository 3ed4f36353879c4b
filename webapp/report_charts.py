"""The pictures of a report; each stands beside a table with the same figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from engine.acts.reports import FigurePage, Line, Report
from engine.record.figures import Row
from webapp.context import language
from webapp.figure_words import chart_unit, in_chart, in_words

COLOURS = ("#0b6e75", "#8aa4b8", "#b26a00", "#b3261e", "#4d6a8a")
MOST_BARS = 12
CLOSE = 95  # percent above which shares are told apart
BY_ROWS = ("faults", "accidents", "reports", "complaints", "workload", "turnaround", "intact")
TRENDS = ("timely_repair", "score", "ratings", "share", "rated", "returned", "first_time_fix", "availability")


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: its place on the page, what it says without eyes, and ECharts' option."""

    id: str
    section: str
    title: str
    option: dict[str, Any]


def charts_of(report: Report) -> tuple[Chart, ...]:
    """The pictures of a report: how long things took, trends of shares and scores, and the larger tables."""
    return tuple(_charts(report))


def charts_of_figure(page: FigurePage) -> tuple[Chart, ...]:
    """The pictures of one figure: its trend where months were published, and its table."""
    line = page.line
    found = [_trend([line])] if _has_trend(line) else []
    if len(line.measured.rows) > 1 and line.measured.value:
        found.append(_rows(line, page))
    return tuple(found)


def _charts(report: Report) -> Iterator[Chart]:
    times = [
        line
        for line in report.lines
        if line.definition.kind == "interval" and line.measured.value is not None
    ]
    if times:
        yield _times(times)
    for section in dict.fromkeys(line.definition.section for line in report.lines):
        trends = [
            line
            for line in report.lines
            if line.definition.section == section and line.definition.kind in TRENDS and _has_trend(line)
        ]
        for alike in dict.fromkeys(_sort(line) for line in trends):
            yield _trend([line for line in trends if _sort(line) == alike])
    for line in report.lines:
        if line.definition.kind in BY_ROWS and len(line.measured.rows) > 1 and line.measured.value:
            yield _rows(line, report)


def _sort(line: Line) -> tuple[str, str]:
    """Lines of one sort share a picture."""
    return line.definition.unit, line.definition.kind


def _has_trend(line: Line) -> bool:
    return sum(value is not None for _month, value in line.trend) > 1


def _times(lines: Sequence[Line]) -> Chart:
    lines = list(reversed(lines))
    names = [line.definition.title.in_(language()) for line in lines]
    series = [
        (_("Median"), [in_chart(line.measured.value, "minutes") for line in lines]),
        (
            _("Nine of ten within"),
            [in_chart(line.measured.details.get("ninetieth"), "minutes") for line in lines],
        ),
    ]
    option = _bars(names, series, across=True, unit=chart_unit("minutes"))
    return Chart("chart-times", "promises", _("How long it took"), option)


def _trend(lines: Sequence[Line]) -> Chart:
    known = [any(line.trend[n][1] is not None for line in lines) for n in range(len(lines[0].trend))]
    since = known.index(True)  # before it, nothing was published yet
    months = [month for month, _value in lines[0].trend[since:]]
    unit = lines[0].definition.unit
    series = [
        (
            line.definition.title.in_(language()),
            [in_chart(value, unit) for _month, value in line.trend[since:]],
        )
        for line in lines
    ]
    first = lines[0].definition
    title = _("Trend: %(names)s", names=", ".join(name for name, _values in series))
    return Chart(f"trend-{first.id}", first.section, title, _lines(months, series, chart_unit(unit)))


def _rows(line: Line, report: Report | FigurePage) -> Chart:
    column = next(iter(line.measured.rows[0].values))
    unit = {"share": "percent", "median_days": "days"}.get(column, "count")
    rows = (
        _largest(line.measured.rows, column)
        if line.measured.row_kind != "month"
        else list(line.measured.rows)
    )
    names = [in_words(row.key, report.labels) for row in rows]
    title = line.definition.title.in_(language())
    across = line.measured.row_kind != "month"
    series = [(title, [row.values.get(column) for row in rows])]
    option = _bars(names, series, across=across, unit=chart_unit(unit))
    return Chart(f"rows-{line.definition.id}", line.definition.section, title, option)


def _largest(rows: Sequence[Row], column: str) -> list[Row]:
    """The longest bars, the longest on top (an axis across counts from below); sums by group are left out."""
    single = [row for row in rows if not row.key.startswith("group:")]
    return sorted(single, key=lambda row: row.values.get(column) or 0)[-MOST_BARS:]


def _bars(
    names: Sequence[str], series: Sequence[tuple[str, Sequence[Any]]], *, across: bool, unit: str
) -> dict[str, Any]:
    labels: dict[str, Any] = {"type": "category", "data": list(names)}
    values = {"type": "value", "name": unit, "nameLocation": "end", **({} if unit else {"minInterval": 1})}
    return {
        **_frame(len(series)),
        "xAxis": values if across else labels,
        "yAxis": labels if across else values,
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": list(data),
                "itemStyle": {"color": colour},
                "barMaxWidth": 18,
            }
            for (name, data), colour in zip(series, COLOURS, strict=False)
        ],
    }


def _lines(months: Sequence[str], series: Sequence[tuple[str, Sequence[Any]]], unit: str) -> dict[str, Any]:
    return {
        **_frame(len(series)),
        "xAxis": {"type": "category", "data": list(months)},
        "yAxis": {"type": "value", "name": unit, **_range(unit, series)},
        "series": [
            {
                "type": "line",
                "name": name,
                "data": list(data),
                "itemStyle": {"color": colour},
                "symbolSize": 7,
                "connectNulls": True,
            }
            for (name, data), colour in zip(series, COLOURS, strict=False)
        ],
    }


def _range(unit: str, series: Sequence[tuple[str, Sequence[Any]]]) -> dict[str, Any]:
    """Shares from 0 to 100, lest a small change look like a large one; only where all are high, what they differ by."""
    values = [value for _name, column in series for value in column if value is not None]
    if unit == "%" and values and min(values) < CLOSE:
        return {"min": 0, "max": 100}
    return {"scale": True}


def _frame(series: int) -> dict[str, Any]:
    return {
        "aria": {"enabled": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"bottom": 0, "show": series > 1},
        "grid": {
            "left": 8,
            "right": 44,
            "top": 28,
            "bottom": {1: 8, 2: 36}.get(series, 60),
            "containLabel": True,
        },
    }

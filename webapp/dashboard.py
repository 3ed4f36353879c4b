"""The desk at a glance; every figure opens the cases behind it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from engine.acts import overview
from engine.acts.overview import Dashboard
from webapp.context import actor, now, services
from webapp.words import word

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

LATE, TODAY, LATER = "#b3261e", "#b26a00", "#8aa4b8"


@blueprint.get("/")
def index() -> str:
    """Open, late and due-today work by group and person, and the last two weeks."""
    figures = overview.dashboard(services().cases, actor=actor(), now=now())
    return render_template(
        "dashboard/index.html", figures=figures, by_group=_by_group(figures), by_day=_by_day(figures)
    )


def _by_group(figures: Dashboard) -> dict[str, Any]:
    """Stacked bars: the tasks of each group that are late, due today, and due later."""
    groups = list(reversed(figures.groups))
    return _bars(
        [word(load.id, "group") for load in groups],
        [
            (_("Late"), LATE, [load.late for load in groups]),
            (_("Due today"), TODAY, [load.today for load in groups]),
            (_("Due later"), LATER, [load.open - load.late - load.today for load in groups]),
        ],
        across=True,
    )


def _by_day(figures: Dashboard) -> dict[str, Any]:
    """Two bars a day: cases that came in and cases that ended."""
    return _bars(
        [day.day[5:] for day in figures.days],
        [
            (_("Opened"), "#0b6e75", [day.opened for day in figures.days]),
            (_("Ended"), LATER, [day.ended for day in figures.days]),
        ],
        across=False,
    )


def _bars(names: list[str], series: list[tuple[str, str, list[int]]], *, across: bool) -> dict[str, Any]:
    labels, values = {"type": "category", "data": names}, {"type": "value", "minInterval": 1}
    return {
        "aria": {"enabled": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"bottom": 0},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 36, "containLabel": True},
        "xAxis": values if across else labels,
        "yAxis": labels if across else values,
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": data,
                "itemStyle": {"color": colour},
                "barMaxWidth": 18,
                **({"stack": "all"} if across else {}),
            }
            for name, colour, data in series
        ],
    }

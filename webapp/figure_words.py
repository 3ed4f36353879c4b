"""Numbers of figures as people read them: with their unit, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from engine.acts.figure_labels import named
from engine.foundation.text import Text
from engine.record.figures.measured import Number
from engine.record.figures.words import MINUTES, NOBODY, column_name, row_kind_name, unit_of
from webapp.context import language
from webapp.formatting import duration, working_duration


def register(app: Flask) -> None:
    """Offer the filters to templates."""
    app.template_filter("in_unit")(in_unit)
    app.template_filter("column_name")(
        lambda column, labels=NOBODY: column_name(column, labels).in_(language())
    )
    app.template_filter("row_kind_name")(lambda kind: row_kind_name(kind).in_(language()))
    app.template_filter("named")(in_words)
    app.template_global("unit_of")(unit_of)


def in_unit(value: Number, unit: str) -> str:
    """93.5 %, 2 hours 5 minutes, 3.5 days, 4.2, 17; a dash for nothing."""
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:.4g} %" if value != 100 else "100 %"
    if unit == "minutes":
        return duration(float(value) * 60) if value else working_duration(0)
    if unit == "days":
        return str(
            ngettext(
                "%(amount)s day", "%(amount)s days", int(value) if value == 1 else 2, amount=f"{value:g}"
            )
        )
    return f"{value:g}" if unit == "count" else f"{value:.2f}"


def in_words(key: str, labels: Mapping[str, Text]) -> str:
    """What an id of a figure is called."""
    return named(labels, key).in_(language())


def in_chart(value: Number, unit: str) -> Number:
    """A number as a chart draws it: minutes become hours."""
    return None if value is None else round(value / 60, 1) if unit == "minutes" else value


def chart_unit(unit: str, column: str = "") -> str:
    """What stands at the axis."""
    if unit == "minutes" or column in MINUTES:
        return str(_("hours"))
    return {"percent": "%", "days": str(_("days"))}.get(unit, "")

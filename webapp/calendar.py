"""The working calendar: a year at a glance, the opening hours, and the company's corrections of public holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from babel.dates import format_date, get_day_names
from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from engine.desk import company_calendar
from engine.desk.company_calendar import Day
from engine.foundation.errors import Forbidden, Rejection
from engine.foundation.security import may
from webapp.context import actor, now, services
from webapp.formatting import local

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@blueprint.get("/")
def show() -> str:
    """The calendar of one year; this year when none is asked for."""
    return _page(_year())


@blueprint.post("/hours")
def set_hours() -> ResponseReturnValue:
    """Change the opening hours."""
    try:
        with services().database.write() as tx:
            company_calendar.set_hours(tx, request.form.get("hours", ""), actor=actor())
    except Forbidden:
        raise
    except Rejection as refusal:
        return _page(_year(), refusal), 422
    return _saved(_year())


@blueprint.post("/days")
def set_day() -> ResponseReturnValue:
    """Correct one date, or follow the public calendar again."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        flash(_("Choose a date first."), "problem")
        return redirect(url_for("calendar.show", year=_year()), code=303)
    with services().database.write() as tx:
        if request.form.get("kind") == "public":
            company_calendar.clear_day(tx, day, actor=actor())
        else:
            working = request.form.get("kind") == "working"
            note = request.form.get("note", "").strip()[:200] or None
            company_calendar.set_day(tx, day, working=working, note=note, actor=actor())
    return _saved(day.year)


@blueprint.post("/confirmed")
def confirm() -> ResponseReturnValue:
    """Mark a forecast year as announced, or as a forecast again."""
    with services().database.write() as tx:
        confirmed = request.form.get("confirmed") == "1"
        company_calendar.confirm_year(tx, _year(), confirmed=confirmed, actor=actor())
    return _saved(_year())


def register(app: Flask) -> None:
    """Offer what the year's tables need."""
    app.template_filter("month_name")(_month_name)
    app.template_filter("weeks")(_weeks)
    app.jinja_env.globals["week_days"] = _week_days


def _month_name(day: date) -> str:
    return format_date(day, "LLLL", locale=get_locale())


def _week_days() -> list[str]:
    names = get_day_names("narrow", locale=get_locale())
    return [names[number] for number in range(7)]


def _weeks(days: Sequence[Day]) -> list[list[Day | None]]:
    """The days of a month in rows that begin on Monday; None before its first and after its last."""
    cells: list[Day | None] = [None] * days[0].day.weekday() + list(days)
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _saved(year: int) -> ResponseReturnValue:
    services().cases.forget_calendars()
    flash(_("The calendar is saved. Deadlines that already run stay as they were promised."), "success")
    return redirect(url_for("calendar.show", year=year), code=303)


def _page(year: int, refusal: Rejection | None = None) -> str:
    with services().database.read() as tx:
        rules = company_calendar.rules(tx)
    days = list(rules.year(year))
    working = rules.calendars(services().settings.time_zone)["working"]
    return render_template(
        "calendar/show.html",
        year=year,
        today=local(now()).date(),
        months=[(month, list(those)) for month, those in groupby(days, key=lambda d: d.day.month)],
        rules=rules,
        hours=request.form.get("hours", rules.hours),
        working_days=working.working_days(year),
        provisional=working.is_provisional(year),
        special=[day for day in days if day.kind in ("make_up", "holiday") or day.corrected],
        may_manage=may(actor(), "manage_calendar"),
        refusal=refusal,
    )


def _year() -> int:
    asked = request.values.get("year", "")
    return int(asked) if asked.isdigit() and 2000 <= int(asked) <= 2200 else now().year

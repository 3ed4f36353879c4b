"""How moments and durations read: in the display zone, in words, exact on hover."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.units import format_unit
from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from webapp.context import language, now, services

RELATIVE_WITHIN = timedelta(days=7)
DAY_MINUTES = 24 * 60


def register(app: Flask) -> None:
    """Offer the filters to templates."""
    for name, filter_ in (
        ("when", when),
        ("exact", exact),
        ("day", day),
        ("moment", moment),
        ("clock_time", clock_time),
        ("about", about),
        ("duration", duration),
        ("working_duration", working_duration),
    ):
        app.template_filter(name)(filter_)


def local(at: datetime) -> datetime:
    """The aware moment `at` in the zone in which people read times."""
    return at.astimezone(ZoneInfo(services().settings.time_zone))


def exact(at: datetime | None) -> str:
    """2026-03-02 09:00, in the display zone."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def clock_time(at: datetime | None) -> str:
    """09:00, in the display zone."""
    return f"{local(at):%H:%M}" if at else ""


def when(at: datetime | None) -> Markup:
    """How long ago or ahead, within a week; else the day. The exact moment is in the title."""
    if at is None:
        return Markup("")
    away = at - now()
    near = abs(away) < RELATIVE_WITHIN
    return timed(at, _relative(away) if near else day(at))


def timed(at: datetime, words: str) -> Markup:
    """`words` as a time element that shows the exact moment on hover."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact(at), words)


def day(at: datetime | date | None) -> str:
    """Today, yesterday, tomorrow, a weekday within six days ahead, else the date."""
    if at is None:
        return ""
    that = local(at).date() if isinstance(at, datetime) else at
    return _day(that, local(now()).date(), language())


@lru_cache(maxsize=2048)
def _day(that: date, today: date, spoken: str) -> str:
    """Histories name the same few days again and again."""
    ahead = (that - today).days
    if ahead in _NEAR:
        return str(_NEAR[ahead])
    if 1 < ahead < 7:
        return format_date(that, "EEE", locale=spoken)
    pattern = _("MMM d") if that.year == today.year else _("MMM d, y")
    return str(format_date(that, pattern, locale=spoken))


_NEAR = {-1: _l("yesterday"), 0: _l("today"), 1: _l("tomorrow")}


def moment(at: datetime | None) -> str:
    """Today 11:40, Thursday 18:00, 2 March 09:00."""
    return f"{day(at)} {clock_time(at)}" if at else ""


def duration(length: timedelta | float | None) -> str:
    """The two largest units of a length (a timedelta or seconds): 2 hours 5 minutes; never less than a minute."""
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes = max(1, round(abs(seconds) / 60))
    days, rest = divmod(minutes, DAY_MINUTES)
    return _in_units(("day", days), ("hour", rest // 60), ("minute", rest % 60))


def about(length: timedelta) -> str:
    """A length in its largest unit, for lists: 2 hours; never less than a minute."""
    return _about(max(1, round(abs(length) / timedelta(minutes=1))), language())


@lru_cache(maxsize=8192)
def _about(minutes: int, spoken: str) -> str:
    """Lists name the same few lengths again and again."""
    return _spaced(format_timedelta(timedelta(minutes=minutes), threshold=1.2, locale=spoken))


def working_duration(minutes: float | None) -> str:
    """Working time in hours and minutes: a working day has no fixed length, so days would mislead."""
    if minutes is None:
        return ""
    whole = round(abs(minutes))
    return _in_units(("hour", whole // 60), ("minute", whole % 60))


def _in_units(*amounts: tuple[str, int]) -> str:
    present = [(unit, n) for unit, n in amounts if n][:2] or [amounts[-1]]
    return " ".join(
        _spaced(format_unit(n, f"duration-{unit}", _LENGTHS[language()], locale=language()))
        for unit, n in present
    )


_LENGTHS: Mapping[str, Literal["short", "long"]] = {"zh": "short", "en": "long"}  # zh has no long pattern


def _relative(away: timedelta) -> str:
    if abs(away) < timedelta(minutes=1):
        return str(_("just now"))
    return _spaced(format_timedelta(away, add_direction=True, threshold=1.2, locale=language()))


def _spaced(words: str) -> str:
    """Chinese patterns glue the number to its unit; a thin line of figures reads better apart: 35 分钟."""
    return _GLUED.sub(r"\1 \2", words)


_GLUED = re.compile(r"(\d)([\u4e00-\u9fff])")

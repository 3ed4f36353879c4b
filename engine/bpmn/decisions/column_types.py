"""The four types of a column, and values of the case's data as its cells compare them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from engine.bpmn.values import Refusal, is_number, iso_date, kind

TYPES = ("string", "number", "boolean", "date")
_LONGEST_SHOWN = 40


def typed(value: object, *, type_: str) -> object:
    """A value of the case's data as the cells of a column of `type_` compare it; null stays null.

    Dates come as ISO texts. Raises Refusal when the value is of another type.
    """
    if value is None or HOLDS[type_](value):
        return value
    if type_ == "date" and isinstance(value, str) and (day := iso_date(value)) is not None:
        return day
    raise Refusal(
        zh=f"应为 {type_}, 实际为{kind(value).zh}({shown(value)})",
        en=f"expected {type_}, found {kind(value).en} ({shown(value)})",
    )


def plain(value: object) -> object:
    """A typed value as JSON: a date becomes its ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def shown(value: object) -> str:
    """A value as it would be written in a cell."""
    written = json.dumps(plain(value), ensure_ascii=False, default=str)
    return written if len(written) <= _LONGEST_SHOWN else written[: _LONGEST_SHOWN - 1] + "…"


HOLDS: dict[str, Callable[[object], bool]] = {
    "string": lambda value: type(value) is str,
    "number": is_number,
    "boolean": lambda value: type(value) is bool,
    "date": lambda value: type(value) is date,
}

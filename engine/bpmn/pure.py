"""Functions that every diagram, table and form may call: their result depends on their arguments alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

from engine.bpmn.values import Refusal, is_number, iso_date, kind, scalar

CHINA = timezone(timedelta(hours=8))
"""A moment belongs to the day it has in China Standard Time (no daylight saving)."""


def _items(value: object) -> list[Any]:
    """The items of a list; null has none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _expected("列表", "a list", value)
    return value


def _len(value: object) -> int:
    return len(value) if isinstance(value, (str, dict)) else len(_items(value))


def _sum(values: object) -> object:
    return sum(_number(value) for value in _items(values))


def _any(values: object) -> bool:
    return any(_items(values))


def _all(values: object) -> bool:
    return all(_items(values))


def _min(*values: object) -> object:
    return min(_comparable(values), default=None)


def _max(*values: object) -> object:
    return max(_comparable(values), default=None)


def _comparable(values: tuple[object, ...]) -> list[Any]:
    """The arguments, or the items of the only one; null is left out."""
    items = _items(values[0]) if len(values) == 1 else list(values)
    found = [item for item in items if item is not None]
    if not (all(map(is_number, found)) or all(type(item) is str for item in found)):
        raise Refusal(zh="只能比较数字或文本", en="only numbers or only texts can be compared")
    return found


def _abs(value: object) -> object:
    return abs(_number(value))


def _round(value: object, digits: object = 0) -> object:
    """Half to even, as Python does; a whole number when no digits are asked for."""
    if type(digits) is not int or not -15 <= digits <= 15:
        raise Refusal(zh="round 的位数应为 -15 到 15 的整数", en="round expects -15 to 15 digits")
    return round(_number(value), digits) if digits else round(_number(value))


def _str(value: object) -> str:
    """The text of a number, boolean or text; null is the empty text."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if not isinstance(value, (int, float, str)):
        raise _expected("文本或数字", "a text or a number", value)
    return str(value)


def _int(value: object) -> int:
    """The whole part of a number, or the number that a text shows."""
    return int(value.strip() if isinstance(value, str) else _number(value))


def _float(value: object) -> float:
    return float(value.strip() if isinstance(value, str) else _number(value))


def _lower(value: object) -> str:
    return _text(value).lower()


def _starts_with(value: object, beginning: object) -> bool:
    return _text(value).startswith(_text(beginning))


def _joined(values: object, separator: object = ", ") -> str:
    return _text(separator).join(_str(value) for value in _items(values))


def _days_between(start: object, end: object) -> int:
    """Days from `start` to `end`, negative when `end` is earlier; moments count as their day in China."""
    return (_day(end) - _day(start)).days


def _months_between(start: object, end: object) -> int:
    """Complete months from `start` to `end`; 31 January to 28 February is none."""
    first, last = _day(start), _day(end)
    if last < first:
        return -_months_between(end, start)
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def _minutes_between(start: object, end: object) -> int:
    """Complete minutes between two moments, not counting any calendar."""
    return int((_moment(end) - _moment(start)) / timedelta(minutes=1))


def _add_days(start: object, days: object) -> str:
    if type(days) is not int:
        raise _expected("整数天数", "a whole number of days", days)
    return (_day(start) + timedelta(days=days)).isoformat()


def _day(value: object) -> date:
    text = _text(value)
    return iso_date(text) or _moment(text).astimezone(CHINA).date()


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise Refusal(zh="时刻缺少时区", en="the moment has no time zone")
    return moment


def _number(value: object) -> Any:
    if not is_number(value):
        raise _expected("数字", "a number", value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _expected("文本", "a text", value)
    return value


def _expected(zh: str, en: str, found: object) -> Refusal:
    return Refusal(zh=f"应为{zh}, 实际为{kind(found).zh}", en=f"expected {en}, found {kind(found).en}")


def _explained(name: str, function: Callable[..., object]) -> Callable[..., object]:
    """Turns Python's own complaints about arguments into a refusal that names the function."""

    def call(*arguments: object) -> object:
        try:
            return scalar(function(*arguments))
        except Refusal as refusal:
            raise Refusal(
                zh=f"{name}(): {refusal.reason.zh}", en=f"{name}(): {refusal.reason.en}"
            ) from refusal
        except (TypeError, ValueError, ArithmeticError) as error:
            raise Refusal(
                zh=f"{name}() 的参数不正确", en=f"{name}(): unsuitable arguments ({error})"
            ) from error

    return call


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "len": _len,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "round": _round,
    "abs": _abs,
    "any": _any,
    "all": _all,
    "str": _str,
    "int": _int,
    "float": _float,
    "lower": _lower,
    "starts_with": _starts_with,
    "joined": _joined,
    "days_between": _days_between,
    "months_between": _months_between,
    "minutes_between": _minutes_between,
    "add_days": _add_days,
}

PURE: Mapping[str, Callable[..., object]] = MappingProxyType(
    {name: _explained(name, function) for name, function in _FUNCTIONS.items()}
)
"""The names that expressions may call anywhere; read only."""

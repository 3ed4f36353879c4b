"""JSON values: what may flow between diagrams, tables and forms, how large it may be and how it is compared."""

from __future__ import annotations

import math
import re
from datetime import date

from engine.foundation.text import Text

LARGEST_VALUE = 200_000
"""Numbers, texts, lists and records that one value may hold, counted at every depth."""
DEEPEST_VALUE = 60
LONGEST_TEXT = 100_000
MOST_BITS = 1024
"""Bits of the largest integer: arithmetic stays quick however often a diagram loops."""


class Refusal(Exception):
    """A value or an operation is not allowed; `reason` becomes part of a sentence that names the place."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(zh=zh, en=en)


def copied(value: object, *, limit: int = LARGEST_VALUE) -> object:
    """A deep copy that shares nothing with `value`; tuples become lists.

    Raises Refusal when the value is no JSON, is larger than `limit` or nested too deeply.
    """
    return _Copy(limit).of(value, 0)


class _Copy:
    """Counts every occurrence, also of shared parts: that is what would be stored."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    def of(self, value: object, depth: int) -> object:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST_VALUE:
            raise Refusal(zh="数据过大或嵌套过深", en="the value is too large or nested too deeply")
        if isinstance(value, dict):
            return {_key(key): self.of(part, depth + 1) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(part, depth + 1) for part in value]
        return scalar(value)


def _key(key: object) -> str:
    if type(key) is not str:
        raise Refusal(
            zh=f"记录的键应为文本, 实际为{kind(key).zh}",
            en=f"expected a text as key of a record, found {kind(key).en}",
        )
    return key


def scalar(value: object) -> object:
    """`value` itself when it is null, a boolean, a text or a finite number within the limits; else Refusal."""
    if value is None or type(value) is bool:
        return value
    if type(value) is str:
        return _fitting(value, fits=len(value) <= LONGEST_TEXT)
    if type(value) is int:
        return _fitting(value, fits=value.bit_length() <= MOST_BITS)
    if type(value) is float:
        return _fitting(value, fits=math.isfinite(value))
    raise Refusal(
        zh=f"只允许 JSON 数据, 实际为 {type(value).__name__}",
        en=f"expected a JSON value, found {type(value).__name__}",
    )


def _fitting(value: object, *, fits: bool) -> object:
    if not fits:
        raise Refusal(zh="数值或文本过大", en="the number or text is too large")
    return value


def size(value: object, *, limit: int = LARGEST_VALUE) -> int:
    """How many parts `value` has at every depth (a text counts a part per 64 characters); stops after `limit`."""
    if isinstance(value, str):
        return 1 + len(value) // 64
    if not isinstance(value, (list, dict)):
        return 1
    total = 1
    for part in value.values() if isinstance(value, dict) else value:
        total += size(part, limit=limit - total)
        if total > limit:
            break
    return total


def kind(value: object) -> Text:
    """The name of a value's type in the words of a process owner."""
    return _KINDS.get(type(value), _OTHER)


def is_number(value: object) -> bool:
    """Whether `value` is an integer or a float; a boolean is not a number."""
    return type(value) is int or type(value) is float


def iso_date(text: str) -> date | None:
    """The day that a text such as 2026-01-31 names, None when it names none."""
    try:
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER = Text(zh="其他类型", en="something else")
_KINDS: dict[type, Text] = {
    type(None): Text(zh="空值", en="null"),
    bool: Text(zh="是/否值", en="a boolean"),
    int: Text(zh="数字", en="a number"),
    float: Text(zh="数字", en="a number"),
    str: Text(zh="文本", en="a text"),
    list: Text(zh="列表", en="a list"),
    dict: Text(zh="记录", en="a record"),
}

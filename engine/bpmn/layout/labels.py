"""How much room a label takes in either language, as the browser's viewer breaks it into lines."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from engine.foundation.text import Text

WIDEST = 90
"""Pixels after which the viewer breaks a label outside a shape."""
_LINE, _WIDE, _NARROW = 14, 11.5, 6.3


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


NO_LABEL = Size(0, 0)


def label_size(name: Text) -> Size:
    """The room that fits the label in both languages; nothing for an empty one."""
    sizes = [_one_language(name.zh), _one_language(name.en)]
    return Size(max(s.width for s in sizes), max(s.height for s in sizes))


def _one_language(words: str) -> Size:
    lines = _lines(words)
    if not lines:
        return NO_LABEL
    return Size(min(WIDEST, round(max(lines)) + 4), _LINE * len(lines))


def _lines(words: str) -> list[float]:
    """The width of each line."""
    lines: list[float] = []
    for word in words.split():
        for part in _breakable(word):
            joined = lines[-1] + _NARROW / 2 + part if lines else WIDEST + 1
            lines[-1:] = [joined] if lines and joined <= WIDEST else [*lines[-1:], part]
    return lines


def _breakable(word: str) -> list[float]:
    """A word too long for a line is cut where the line is full; Chinese has no blanks to break at."""
    parts = [0.0]
    for character in word:
        width = _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW
        parts[-1:] = [parts[-1] + width] if parts[-1] + width <= WIDEST else [parts[-1], width]
    return parts

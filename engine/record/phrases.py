"""Values under their labels, and several of them in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.foundation.text import Text, same

SHOWN_LETTERS = 40  # longer texts are read in full below the line


def answer_in_words(label: Text, value: object, choices: Iterable[tuple[Any, Text]]) -> Text | None:
    """One value under its label; None when there is nothing to read in it (empty, a table, a long text)."""
    words = _value(value, dict(choices))
    return None if words is None else Text(zh="{l}: {v}", en="{l}: {v}").format(l=label, v=words)


def _value(value: object, choices: Mapping[Any, Text]) -> Text | None:
    if isinstance(value, bool):
        return Text(zh="是", en="yes") if value else Text(zh="否", en="no")
    if isinstance(value, str | int | float):
        if value in choices:
            return choices[value]
        words = str(value).strip()
        return same(words) if 0 < len(words) <= SHOWN_LETTERS else None
    return None


def joined(parts: Iterable[Text], *, zh: str = " · ", en: str = " · ") -> Text | None:
    """The parts in one line; None when there are none."""
    kept = list(parts)
    return Text(zh=zh.join(p.zh for p in kept), en=en.join(p.en for p in kept)) if kept else None


def first(parts: Iterable[Text], number: int) -> Iterator[Text]:
    """At most `number` of the parts."""
    for _, part in zip(range(number), parts, strict=False):
        yield part

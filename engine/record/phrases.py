"""Values under their labels, and several of them in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.foundation.text import Text, same
from engine.record.names import Names

_INNER = re.compile(r"[a-z][a-z0-9_]*")
SHOWN_VALUES = 4  # values of one form or decision in a line; the page shows all of them under it
SHOWN_LETTERS = 40  # longer texts are read in full below the line


def answer_in_words(
    label: Text, value: object, choices: Iterable[tuple[Any, Text]], names: Names
) -> Text | None:
    """One answer under its label; None when there is nothing to read in it (empty, a table, a long text)."""
    return _under(label, _chosen(value, dict(choices), names) or _plain(value))


def output_in_words(label: Text, value: object, names: Names) -> Text | None:
    """One result of a decision under its label; None for a word that only the engine understands."""
    words = _chosen(value, {}, names)
    inner = isinstance(value, str) and _INNER.fullmatch(value) is not None
    return _under(label, words or (None if inner else _plain(value)))


def _under(label: Text, words: Text | None) -> Text | None:
    return None if words is None else Text(zh="{l}: {v}", en="{l}: {v}").format(l=label, v=words)


def _chosen(value: object, choices: Mapping[Any, Text], names: Names) -> Text | None:
    if isinstance(value, bool):
        return Text(zh="是", en="yes") if value else Text(zh="否", en="no")
    if isinstance(value, str | int | float) and value in choices:
        return choices[value]
    return (names.known(value) or names.moment_in(value)) if isinstance(value, str) else None


def _plain(value: object) -> Text | None:
    words = str(value).strip() if isinstance(value, str | int | float) else ""
    return same(words) if 0 < len(words) <= SHOWN_LETTERS else None


def joined(parts: Iterable[Text], *, zh: str = " · ", en: str = " · ") -> Text | None:
    """The parts in one line; None when there are none."""
    kept = list(parts)
    return Text(zh=zh.join(p.zh for p in kept), en=en.join(p.en for p in kept)) if kept else None


def first(parts: Iterable[Text], number: int) -> Iterator[Text]:
    """At most `number` of the parts."""
    for _, part in zip(range(number), parts, strict=False):
        yield part


def shortened(text: str, letters: int = 200) -> str:
    """A text in one line, cut where it is too long for a line of a history."""
    line = " ".join(text.split())
    return line if len(line) <= letters else f"{line[: letters - 1]}…"


def rating_in_words(rating: Mapping[str, Any]) -> Iterator[Text]:
    """How satisfied the customer said they are."""
    for name, label in _SCORES.items():
        if name in rating:
            yield Text(zh="{l}: {v}/5", en="{l}: {v}/5").format(l=label, v=rating[name])
    if rating.get("solved") == "no":
        yield Text(zh="问题未解决", en="not solved")
    if rating.get("comment"):
        yield same(shortened(str(rating["comment"])))


_SCORES = {
    "score_solution": Text(zh="解决方案", en="the solution"),
    "score_service": Text(zh="服务", en="the service"),
}

"""Sentences that exist in both languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in Chinese (the base language) and English."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in `language`; anything but English reads Chinese."""
        return self.en if language.startswith("en") else self.zh

    def format(self, **values: object) -> Text:
        """The same sentence with its placeholders filled; a `Text` value is filled in its own language."""
        return Text(zh=self.zh.format(**_in("zh", values)), en=self.en.format(**_in("en", values)))

    def __str__(self) -> str:
        return self.en


def _in(language: str, values: dict[str, object]) -> dict[str, object]:
    return {k: v.in_(language) if isinstance(v, Text) else v for k, v in values.items()}


def same(word: str) -> Text:
    """A name that is never translated (a person, a customer, an id)."""
    return Text(zh=word, en=word)

"""The words by which knowledge is found: pairs of Chinese characters, whole words and beginnings of others.

Both databases find them by an ordinary index; no extension for Chinese is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, delete, insert

from engine.desk.registers.fields import Values
from engine.foundation.models.registers import ArticleWord

LONGEST = 24
SHORTEST_BEGINNING = 3
MOST_ASKED = 80
WEIGHTS = {
    "title": 8,
    "topics": 6,
    "models": 6,
    "symptom": 4,
    "number": 4,
    "cause": 2,
    "workaround": 1,
    "solution": 1,
}

_HAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"(?P<han>[{_HAN}]+)|(?P<word>[^\\W_{_HAN}]+(?:[-_./][^\\W_{_HAN}]+)*)")
_PARTS = re.compile(r"[-_./]")


def asked(text: str) -> list[str]:
    """The pieces that an article has to hold to answer these words."""
    pieces: list[str] = []
    for run, is_han in _runs(text):
        pieces += _pairs(run) if is_han and len(run) > 1 else [run[:LONGEST]]
    return list(dict.fromkeys(pieces))[:MOST_ASKED]


def held(text: str) -> set[str]:
    """The pieces by which a text is found."""
    pieces: set[str] = set()
    for run, is_han in _runs(text):
        pieces |= {*run, *_pairs(run)} if is_han else set(_beginnings(run))
    return pieces


def index_article(tx: Connection, id: UUID, values: Values) -> None:
    """Make an article findable by what it says now."""
    weights: dict[str, int] = {}
    for name, weight in WEIGHTS.items():
        value = values.get(name)
        written = " ".join(value) if isinstance(value, list) else value or ""
        for piece in held(written):
            weights[piece] = weights.get(piece, 0) + weight
    tx.execute(delete(ArticleWord).where(ArticleWord.article_id == id))
    if weights:
        rows = [{"word": word, "article_id": id, "weight": weight} for word, weight in weights.items()]
        tx.execute(insert(ArticleWord), rows)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield match[0], match["han"] is not None


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _beginnings(word: str) -> Iterator[str]:
    for part in {word, *_PARTS.split(word)}:
        yield part[:LONGEST]
        yield from (part[:length] for length in range(SHORTEST_BEGINNING, min(len(part), LONGEST)))

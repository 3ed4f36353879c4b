"""Long lists by key: a page says where the next one begins, so that page 2,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from engine.foundation.errors import NotFound
from engine.foundation.text import Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list; `after` opens the next page, None at the end; `total` is None where counting is dear."""

    rows: tuple[T, ...]
    after: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a row in a list that is sorted by a moment and then by id."""

    at: datetime
    id: UUID

    def word(self) -> str:
        """The place as an opaque word for an address."""
        written = json.dumps([self.at.isoformat(), self.id.hex])
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def read_key(word: str) -> Key:
    """The place that `Key.word` wrote; raises NotFound for anything else."""
    try:
        at, identity = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        return Key(at=_aware(datetime.fromisoformat(at)), id=UUID(identity))
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise NotFound(_NO_SUCH_PAGE) from error


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a place in a list needs a time zone")
    return at


_NO_SUCH_PAGE = Text(
    zh="这个翻页地址应由列表给出, 但无法读出; 请从列表第一页重新开始。",
    en="Expected a page address that a list gave out, but it cannot be read; begin again at the first page.",
)

Moments = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def behind(key: Key, at: Moments, identity: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Rows that follow `key` in an ascending list."""
    return or_(at > key.at, and_(at == key.at, identity > key.id))


def before(key: Key, at: Moments, identity: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Rows that follow `key` in a descending list."""
    return or_(at < key.at, and_(at == key.at, identity < key.id))


def cut(rows: list[Any], keys: list[Key], limit: int) -> tuple[list[Any], str | None]:
    """The first `limit` rows of a query that asked for one more, and the word for the next page."""
    more = len(rows) > limit
    return rows[:limit], keys[limit - 1].word() if more else None

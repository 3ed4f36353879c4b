"""Human numbers, such as SH-2026-000123."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from engine.foundation.models import Counter

_COUNTER = cast(Table, Counter.__table__)


def _counting_on(insert: Any) -> Any:
    upsert = insert(_COUNTER)
    on = {"value": _COUNTER.c.value + upsert.excluded.value}
    return upsert.on_conflict_do_update(index_elements=["series"], set_=on).returning(_COUNTER.c.value)


_NEXT = {"postgresql": _counting_on(postgresql.insert), "sqlite": _counting_on(sqlite.insert)}


def next_numbers(tx: Connection, series: str, year: int, *, how_many: int = 1) -> list[str]:
    """The next numbers of a series and year; gaps are allowed, repeats are not."""
    name = f"{series}-{year}"
    last = tx.execute(_NEXT[tx.dialect.name], {"series": name, "value": how_many}).scalar_one()
    return [f"{name}-{number:06d}" for number in range(last - how_many + 1, last + 1)]

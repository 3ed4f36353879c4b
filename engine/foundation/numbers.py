"""Human numbers, such as SH-2026-000123."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from engine.foundation.models import Counter


def next_numbers(tx: Connection, series: str, year: int, *, how_many: int = 1) -> list[str]:
    """The next numbers of a series and year; gaps are allowed, repeats are not."""
    name = f"{series}-{year}"
    upsert = postgresql.insert(Counter) if tx.dialect.name == "postgresql" else sqlite.insert(Counter)
    last = tx.execute(
        upsert.values(series=name, value=how_many)
        .on_conflict_do_update(index_elements=["series"], set_={"value": Counter.value + how_many})
        .returning(Counter.value)
    ).scalar_one()
    return [f"{name}-{number:06d}" for number in range(last - how_many + 1, last + 1)]

"""Human numbers, such as SH-2026-000123."""

from __future__ import annotations

from sqlalchemy import Connection, text

# Written out: SQLAlchemy builds an upsert anew each time, which takes longer than sending it. Both databases speak it.
_NEXT = text(
    "INSERT INTO counter (series, value) VALUES (:series, :value) "
    "ON CONFLICT (series) DO UPDATE SET value = counter.value + excluded.value RETURNING value"
)


def next_numbers(tx: Connection, series: str, year: int, *, how_many: int = 1) -> list[str]:
    """The next numbers of a series and year; gaps are allowed, repeats are not."""
    name = f"{series}-{year}"
    last = tx.execute(_NEXT, {"series": name, "value": how_many}).scalar_one()
    return [f"{name}-{number:06d}" for number in range(last - how_many + 1, last + 1)]

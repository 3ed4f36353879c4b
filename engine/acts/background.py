"""What runs beside the pages in every server process: timers, notifications, signed checkpoints, tidying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.acts import outbox, timers
from engine.cases import Cases
from engine.foundation.sessions import forget_expired

TIDY_SECONDS = 600.0


def start(cases: Cases, *, clock: Callable[[], datetime]) -> timers.Ticker:
    """Start the jobs of one process and return their ticker; any number of processes may run them on PostgreSQL."""
    ticker = timers.Ticker(seconds=cases.settings.tick_seconds)
    ticker.every_tick("timers", lambda: timers.fire_due(cases))
    ticker.every_tick("outbox", lambda: outbox.carry_out(cases, now=clock()))
    ticker.every("tidy", TIDY_SECONDS, lambda: _tidy(cases, clock()))
    ticker.start()
    return ticker


def _tidy(cases: Cases, now: datetime) -> None:
    with cases.database.write() as tx:
        forget_expired(tx, now=now, settings=cases.settings)

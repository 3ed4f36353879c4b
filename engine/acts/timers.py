"""The tick: what is due fires once, in due order, each timer in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Table, bindparam, select

from engine.cases import Cases
from engine.foundation.errors import Unavailable
from engine.foundation.models import Timer

BATCH = 200  # due timers looked at in one go

log = structlog.get_logger()


def fire_due(cases: Cases, *, now: datetime | None = None, limit: int = BATCH) -> int:
    """Fire every timer that is due, oldest first, until none is left; returns how many fired.

    Without `now` the database's own clock decides, whatever the node's says. Any number of processes may tick: a case
    that another one is working on is left to it. A timer whose diagram fails becomes an incident and is passed over.
    """
    total = 0
    while True:
        fired = _fire_in_order(cases, due_timers(cases, now=now, limit=limit))
        total += fired
        if fired == 0:
            return total


def _fire_in_order(cases: Cases, due: list[Any]) -> int:
    """What a timer armed may be due before the next of the same case, and then goes off before it."""
    fired, moved = 0, set[UUID]()
    for row in due:
        if row.case_id in moved:
            fired += cases.catch_up(row.case_id, now=row.due_at)
        elif cases.fire(row.case_id, row.id, at=row.due_at):
            fired += 1
            moved.add(row.case_id)
    return fired


def due_timers(cases: Cases, *, now: datetime | None, limit: int) -> list[Any]:
    """The timers that are due, in the order in which they became due."""
    with cases.database.read() as tx:
        moment = now or cases.database.now(tx)
        return list(tx.execute(_DUE, {"moment": moment, "most": limit}).all())


_TIMER = cast(Table, Timer.__table__)
_DUE = (
    select(_TIMER.c.case_id, _TIMER.c.id, _TIMER.c.due_at)
    .where(_TIMER.c.due_at <= bindparam("moment"))
    .order_by(_TIMER.c.due_at, _TIMER.c.id)
    .limit(bindparam("most"))
)


class Ticker:
    """Calls jobs at a fixed pace in the background; losing it loses nothing, since everything due is in the database.

    Each job has a thread of its own: a slow one delays no other, and never runs beside itself; what it misses
    meanwhile is made up for by one run.
    """

    def __init__(self, *, seconds: float) -> None:
        self._schedulers: list[BackgroundScheduler] = []
        self._seconds = seconds

    def every_tick(self, name: str, job: Callable[[], object]) -> None:
        """Run `job` at each tick; a failure is logged and the next tick tries again."""
        self.every(name, self._seconds, job)

    def every(self, name: str, seconds: float, job: Callable[[], object]) -> None:
        """Run `job` every so many seconds, likewise."""
        # The executor that runs in the scheduler's own thread: no pool that could end before its scheduler does.
        scheduler = BackgroundScheduler(timezone="UTC", executors={"default": DebugExecutor()})
        scheduler.add_job(
            _guarded,
            "interval",
            args=(name, job),
            seconds=seconds,
            id=name,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._schedulers.append(scheduler)

    def start(self) -> None:
        """Begin to tick."""
        for scheduler in self._schedulers:
            scheduler.start()

    def stop(self) -> None:
        """Start nothing more, and return when the running jobs are done."""
        for scheduler in self._schedulers:
            scheduler.pause()
        for scheduler in self._schedulers:
            scheduler.shutdown()


def _guarded(name: str, job: Callable[[], object]) -> None:
    try:
        job()
    except Unavailable as error:
        log.warning("tick put off", job=name, reason=error.text.en)
    except Exception:
        log.exception("tick failed", job=name)

"""The promises of one case during a step: loaded when first asked for, written once at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, insert, select, update

from engine.cases.row import CaseRow, of_case
from engine.desk.deadlines import Calendars, Limit, due_at, start_clock
from engine.desk.deadlines import Clock as Promise
from engine.foundation.models import Clock

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # where a paused timer waits: no step's clock ever gets there

_CLOCK = cast(Table, Clock.__table__)
_PROMISES = select(*[c for c in _CLOCK.c if c.name not in ("shard_key", "case_id")]).where(*of_case(_CLOCK))


class Promises:
    """What the case promised and what is left of it."""

    def __init__(
        self, *, tx: Connection, row: CaseRow, calendars: Calendars, limit_of: Callable[[str], Limit]
    ) -> None:
        self._tx = tx
        self._row = row
        self._calendars = calendars
        self._limit_of = limit_of
        self._stored: dict[str, Promise] | None = None
        self._held: dict[str, Promise] = {}

    def due(self, name: str, percent: float, *, at: datetime) -> datetime:
        """When `percent` of the limit `name` is used up.

        A limit of the case starts its promise when it is first asked for and keeps it until it is met; a limit of one
        step counts from `at`.
        """
        limit = self._limit_of(name)
        if limit.scope != "case":
            return due_at(limit, started_at=at, calendars=self._calendars, percent=percent)
        held = self._all()
        if name not in held or held[name].met_at is not None:
            started = start_clock(limit, at=at, calendars=self._calendars)
            if self._row["paused_at"] is not None:
                started = started.pause(at=at, calendars=self._calendars)
            held[name] = started
        return held[name].moment(percent, at=at, calendars=self._calendars)

    def meet(self, name: str, *, at: datetime) -> None:
        """What was promised happened; nothing to do when no such promise runs."""
        held = self._all()
        if name in held:
            held[name] = held[name].meet(at=at)

    def pause(self, *, at: datetime) -> None:
        """Stop every promise that counts the customer's time."""
        for name, promise in self._all().items():
            if promise.paused_at is None:
                self._held[name] = promise.pause(at=at, calendars=self._calendars)

    def resume(self, *, at: datetime) -> None:
        """Let the stopped promises run on."""
        for name, promise in self._all().items():
            self._held[name] = promise.resume(at=at, calendars=self._calendars)

    def save(self) -> None:
        """Write what is new or has changed."""
        if self._stored is None:
            return
        for name, promise in self._held.items():
            if promise == self._stored.get(name):
                continue
            values = asdict(promise)
            if name in self._stored:
                keys = (
                    Clock.shard_key == self._row["shard_key"],
                    Clock.case_id == self._row.id,
                    Clock.name == name,
                )
                self._tx.execute(update(Clock).where(*keys).values(**values))
            else:
                self._tx.execute(insert(Clock).values(**self._row.keys, **values))

    def _all(self) -> dict[str, Promise]:
        if self._stored is None:
            rows = self._tx.execute(_PROMISES, self._row.bound).mappings()
            self._stored = {row["name"]: Promise(**row) for row in rows}
            self._held = dict(self._stored)
        return self._held

"""The field: servers that are killed and started again, a crowd of clients, and the verdict at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from engine.acts.replay import verify_all
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.models import Case, Event
from tests.storm import company
from tests.storm.board import Board
from tests.storm.crowd import VISITORS, Crowd
from tests.storm.log import Log
from tests.storm.reach import Reach
from tests.storm.referee import judge, overdue
from tests.storm.servers import Servers
from tests.storm.stories import Play
from tests.storm.witness import Witness

SETTLE_SECONDS = 30.0
LONGER = 6  # times the seconds of the storm, when too little has happened by then


@dataclass(frozen=True, slots=True)
class Weather:
    """How hard it blows: seconds of storm, servers, clients, seconds between two kills, broken promises.

    It goes on until `least` acts are acknowledged and every procedure of `through` was moved, on a slow machine too.
    """

    seconds: float = 20.0
    servers: int = 1
    clients: int = 8
    calm: tuple[float, float] = (1.5, 3.5)
    sabotage: Sequence[str] = ()
    backlog: int = 60
    left: int = 40
    least: int = 0
    through: Sequence[str] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened and which promises were broken."""

    dialect: str
    servers: Servers
    cases: int
    events: int
    latest: timedelta
    verified: str
    reach: Reach
    log: Log
    violations: list[str] = field(default_factory=list)

    @property
    def fires(self) -> int:
        """How many timers fired."""
        return sum(self.reach.fires.values())

    @property
    def lines(self) -> list[str]:
        """The verdict for people to read."""
        counts, ready = self.log.counts, sorted(self.servers.ready_seconds) or [0.0]
        first = self.violations[:10]
        more = [f"... and {len(self.violations) - 10} more"] if len(self.violations) > 10 else []
        return [
            f"{self.dialect}: {self.servers.kills} kills of {len(self.servers.ports)} server(s), "
            f"{len(self.log.done)} acknowledged acts, {len(self.log.refused)} refused, {self.cases} cases, "
            f"{self.events} events, {self.fires} timers fired, {counts['again'] + counts['busy']} requests sent again, "
            f"{counts['resubmits']} resubmits",
            f"  {self.reach.line}",
            f"  pages read: {_spread(self.log.seconds['GET'])}; forms sent: {_spread(self.log.seconds['POST'])}; "
            f"killed to ready: median {ready[len(ready) // 2]:.1f} s, at most {ready[-1]:.1f} s; "
            f"latest timer: {self.latest.total_seconds():.1f} s",
            f"  {dict(sorted(counts.items()))}",
            f"  verify --all: {self.verified}; load of the machine: {os.getloadavg()[0]:.1f}",
            f"violations: {len(self.violations)}",
            *first,
            *more,
        ]

    @property
    def broken(self) -> set[str]:
        """The numbers of the broken promises."""
        return {violation.split(":")[0] for violation in self.violations}


def storm(url: str, folder: Path, weather: Weather) -> Verdict:
    """Blow over the fresh database at `url` (with schema) and judge what is left."""
    database = Database(url)
    company.found(database)
    servers = Servers(url, folder, how_many=weather.servers, sabotage=weather.sabotage)
    try:
        servers.start()
        players = _gather(database, servers, weather)
        began = datetime.now(UTC)
        players.begin()
        servers.kill_now_and_then(weather.calm)
        _blow(database, weather, players.crowd.log, began)
        servers.calm_down()
        players.crowd.stop()
        unsettled = _settle(database)
        players.look_away()
    finally:
        complaints = servers.stop()
    verdict = _judged(database, servers, players, began)
    verdict.violations[:0] = complaints + unsettled
    database.dispose()
    return verdict


@dataclass(frozen=True, slots=True)
class _Players:
    """Who acts and who watches; `left` are the cases of earlier days."""

    crowd: Crowd
    board: Board
    witness: Witness
    left: set[UUID]

    def begin(self) -> None:
        for one in (self.witness, self.board, self.crowd):
            one.start()

    def look_away(self) -> None:
        for watcher in (self.witness, self.board):
            watcher.stop()


def _gather(database: Database, servers: Servers, weather: Weather) -> _Players:
    play = Play(company.procedures(), seed=weather.seed)
    board = Board(database, play)
    left = company.leave_work(database, play, how_many=weather.left)
    crowd = Crowd(
        servers.ports,
        board,
        play,
        clients=weather.clients,
        backlog=weather.backlog,
        passes=company.passes(database, clients=weather.clients + VISITORS),
        links=company.links(database, left),
    )
    return _Players(crowd, board, Witness(database), left)


def _judged(database: Database, servers: Servers, players: _Players, began: datetime) -> Verdict:
    log, witness = players.crowd.log, players.witness
    violations = judge(Cases(database), log, witness, left=players.left)
    verified = verify_all(Cases(database))
    if not verified.whole:
        violations.append(f"I5: verify --all: {verified.lines}")
    with database.read() as tx:
        cases = tx.execute(select(func.count()).select_from(Case)).scalar_one()
        events = tx.execute(select(func.count()).select_from(Event)).scalar_one()
    reach = Reach(database, since=began)
    return Verdict(
        database.dialect, servers, cases, events, witness.latest, verified.text.en, reach, log, violations
    )


def _blow(database: Database, weather: Weather, log: Log, began: datetime) -> None:
    """For the seconds of the weather, and longer while too little has happened."""
    start = time.monotonic()
    time.sleep(weather.seconds)
    while time.monotonic() < start + LONGER * weather.seconds:
        enough = len(log.done) >= weather.least
        if enough and set(weather.through) <= Reach(database, since=began).processes:
            return
        time.sleep(0.5)


def _settle(database: Database) -> list[str]:
    """Wait until the servers have fired every timer that is due by now; what they arm meanwhile may wait."""
    with database.read() as tx:
        now = database.now(tx)
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        with database.read() as tx:
            late = overdue(tx, at=now)
        if late == 0:
            return []
        if time.monotonic() > until:
            return [f"I3: {late} due timers did not fire"]
        time.sleep(0.2)


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"{len(seconds)}, p50 {1000 * middle:.0f} ms, p99 {1000 * late:.0f} ms"

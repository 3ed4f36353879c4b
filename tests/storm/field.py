"""The field: servers that are killed and started again, a crowd of clients, and the verdict at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from engine.acts.cast import admit
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.models import Timer
from tests.storm import procedure
from tests.storm.clients import Crowd, Log
from tests.storm.referee import judge
from tests.storm.servers import Servers
from tests.storm.witness import Witness

SETTLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Weather:
    """How hard it blows: seconds of storm, servers, clients, seconds between two kills, broken promises."""

    seconds: float = 20.0
    servers: int = 1
    clients: int = 8
    calm: tuple[float, float] = (1.5, 3.5)
    sabotage: Sequence[str] = ()
    backlog: int = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened and which promises were broken."""

    dialect: str
    servers: Servers
    cases: int
    events: int
    fires: int
    latest: timedelta
    log: Log
    violations: list[str] = field(default_factory=list)

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
            f"  pages read: {_spread(self.log.seconds['GET'])}; forms sent: {_spread(self.log.seconds['POST'])}; "
            f"killed to ready: median {ready[len(ready) // 2]:.1f} s, at most {ready[-1]:.1f} s; "
            f"latest timer: {self.latest.total_seconds():.1f} s",
            f"  {dict(sorted(counts.items()))}",
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
    _prepare(database)
    servers = Servers(url, folder, how_many=weather.servers, sabotage=weather.sabotage)
    crowd = Crowd(servers.ports, clients=weather.clients, backlog=weather.backlog)
    witness = Witness(database)
    try:
        servers.start()
        witness.start()
        crowd.start()
        servers.kill_now_and_then(weather.calm)
        time.sleep(weather.seconds)
        servers.calm_down()
        crowd.stop()
        _settle(database)
        witness.stop()
    finally:
        complaints = servers.stop()
    violations = complaints + judge(Cases(database), crowd.log, witness)
    with database.read() as tx:
        counted = tx.exec_driver_sql(
            "SELECT (SELECT count(*) FROM service_case), (SELECT count(*) FROM event),"
            " (SELECT count(*) FROM event WHERE kind = 'timer:fire')"
        ).one()
    database.dispose()
    cases, events, fires = counted
    return Verdict(database.dialect, servers, cases, events, fires, witness.latest, crowd.log, violations)


def _prepare(database: Database) -> None:
    now = datetime.now(UTC)
    with database.write() as tx:
        admit(tx, at=now)
        releases.publish(tx, procedure.files(), actor="xie_liu", at=now, note="storm")


def _settle(database: Database) -> None:
    """Wait until the servers have fired every timer: the longest limit is a few seconds."""
    until = time.monotonic() + SETTLE_SECONDS
    query = select(func.count()).select_from(Timer).where(Timer.due_at.is_not(None))
    while time.monotonic() < until:
        with database.read() as tx:
            if tx.execute(query).scalar_one() == 0:
                return
        time.sleep(0.2)


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"{len(seconds)}, p50 {1000 * middle:.0f} ms, p99 {1000 * late:.0f} ms"

"""The field: servers that are killed and started again, a crowd of clients, and the verdict at the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

SETTLE_SECONDS = 20.0
ROOT = Path(__file__).resolve().parents[2]


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
    kills: int
    cases: int
    events: int
    fires: int
    log: Log
    violations: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The verdict for people to read."""
        seconds = sorted(self.log.seconds) or [0.0]
        told = (
            f"{self.dialect}: {self.kills} kills, {len(self.log.done)} acknowledged acts, {self.cases} cases, "
            f"{self.events} events, {self.fires} timers fired, {self.log.counts['asked again']} requests sent again, "
            f"{self.log.counts['resubmits']} resubmits; "
            f"p50 {1000 * seconds[len(seconds) // 2]:.0f} ms, p99 {1000 * seconds[len(seconds) * 99 // 100]:.0f} ms"
        )
        first = self.violations[:10]
        more = [f"... and {len(self.violations) - 10} more"] if len(self.violations) > 10 else []
        return [told, f"violations: {len(self.violations)}", *first, *more]

    @property
    def broken(self) -> set[str]:
        """The numbers of the broken promises."""
        return {violation.split(":")[0] for violation in self.violations}


class Servers:
    """Server processes; one of them dies every now and then, and another takes its place."""

    def __init__(self, url: str, log: Path, weather: Weather) -> None:
        command = [sys.executable, "-m", "tests.storm.server", url, "--log", str(log)]
        command += ["--sabotage", *weather.sabotage] if weather.sabotage else []
        self._nursery = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self._weather = weather
        self._guard = threading.Lock()
        self._running: dict[int, int] = {}  # process id: port
        self._over = threading.Event()
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self.kills = 0

    def ports(self) -> list[int]:
        """Where a server answers at this moment."""
        with self._guard:
            return list(self._running.values())

    def start(self) -> None:
        """Start all servers, then the killing."""
        for _ in range(self._weather.servers):
            self._start_one()
        self._reaper.start()

    def calm_down(self) -> None:
        """No more kills."""
        self._over.set()
        self._reaper.join()

    def stop(self) -> None:
        """The end of all servers."""
        self._nursery.kill()
        for process in self._running:
            os.kill(process, signal.SIGKILL)
        self._nursery.communicate()

    def _reap(self) -> None:
        while not self._over.wait(random.uniform(*self._weather.calm)):
            with self._guard:
                process = random.choice(list(self._running))
                del self._running[process]
            os.kill(process, signal.SIGKILL)
            self.kills += 1
            self._start_one()

    def _start_one(self) -> None:
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        self._nursery.stdin.write("another\n")
        self._nursery.stdin.flush()
        process, port = map(int, self._nursery.stdout.readline().split())
        with self._guard:
            self._running[process] = port


def storm(url: str, folder: Path, weather: Weather) -> Verdict:
    """Blow over the fresh database at `url` (with schema) and judge what is left."""
    database = Database(url)
    _prepare(database)
    shots = folder / "fires.jsonl"
    servers = Servers(url, shots, weather)
    crowd = Crowd(servers.ports, clients=weather.clients, backlog=weather.backlog)
    try:
        servers.start()
        crowd.start()
        time.sleep(weather.seconds)
        servers.calm_down()
        crowd.stop()
        _settle(database)
    finally:
        servers.stop()
    violations = judge(Cases(database), crowd.log, shots)
    with database.read() as tx:
        counted = tx.exec_driver_sql(
            "SELECT (SELECT count(*) FROM service_case), (SELECT count(*) FROM event),"
            " (SELECT count(*) FROM event WHERE kind = 'timer:fire')"
        ).one()
    database.dispose()
    cases, events, fires = counted
    return Verdict(database.dialect, servers.kills, cases, events, fires, crowd.log, violations)


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

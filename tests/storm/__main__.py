"""Blow: `python -m tests.storm --backend both --seconds 60`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from engine.foundation.database import Database
from tests.postgres import Postgres
from tests.storm.field import Verdict, Weather, storm
from tests.storm.servers import SABOTAGES


def main() -> int:
    """Exit status 1 when a promise was broken."""
    options = _options()
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="shouhou-storm-") as name:
        folder = Path(name)
        if options.backend in ("sqlite", "both"):
            verdicts.append(_blow(f"sqlite:///{folder / 'storm.db'}", folder / "sqlite", options, servers=1))
        if options.backend in ("postgresql", "both"):
            with Postgres() as postgres:
                verdicts.append(
                    _blow(postgres.url(), folder / "postgresql", options, servers=options.servers)
                )
    return int(any(verdict.violations for verdict in verdicts))


def _blow(url: str, folder: Path, options: argparse.Namespace, *, servers: int) -> Verdict:
    folder.mkdir()
    database = Database(url)
    database.create_schema()
    database.dispose()
    calm = (options.calm * 0.5, options.calm * 1.5)
    weather = Weather(options.seconds, servers, options.clients, calm, tuple(options.sabotage))
    verdict = storm(url, folder, weather)
    print("\n".join(verdict.lines), flush=True)
    return verdict


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--backend", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(
        "--servers", type=int, default=2, help="server processes on PostgreSQL; SQLite has one"
    )
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--calm", type=float, default=4, help="mean seconds between a restart and the next kill"
    )
    parser.add_argument(
        "--sabotage", nargs="*", default=[], choices=SABOTAGES, help="break promises on purpose"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

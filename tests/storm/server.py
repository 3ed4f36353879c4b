"""One server process of the storm: the engine behind a loopback port, and its own tick. Killed without warning.

It answers 200 when an act is done (or was done before under the same key), 409 when it is refused, 503 when the
same request may be sent again. `sabotage` breaks one promise on purpose, to show that the referee notices.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.acts import timers, worklist
from engine.acts.cast import People
from engine.acts.queues import inbox
from engine.acts.timers import Ticker
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.errors import Rejection, Unavailable

TICK_SECONDS = 0.2
SABOTAGES = ("keys", "amnesia", "haste")
HASTE = timedelta(seconds=2)

PEOPLE = People()


class Watched(Cases):
    """The cases of this process; every timer that fired is written down with the moment before it did."""

    log: Path

    def fire(self, case_id: UUID, timer_id: UUID, *, at: datetime, **how: Any) -> bool:
        before = time.time()
        fired = super().fire(case_id, timer_id, at=at, **how)
        if fired:
            line = json.dumps({"timer": timer_id.hex, "due": at.timestamp(), "fired": before})
            with self.log.open("a") as file:
                file.write(line + "\n")
        return fired


class Desk:
    """The acts that clients may ask for; `sabotage` names the promises that are broken on purpose."""

    def __init__(self, cases: Cases, sabotage: frozenset[str]) -> None:
        self.cases = cases
        self.sabotage = sabotage

    def act(self, act: str, asked: dict[str, Any]) -> Any:
        """Do it as the person who asks, now."""
        return getattr(self, f"_{act}")(asked, PEOPLE[asked["actor"]], datetime.now(UTC))

    def _start(self, asked: dict[str, Any], actor: Any, now: datetime) -> str:
        return worklist.start(
            self.cases, asked["process"], asked["answers"], actor=actor, now=now, key=asked["key"]
        )

    def _tasks(self, asked: dict[str, Any], actor: Any, now: datetime) -> list[list[str]]:
        page = inbox(
            self.cases, actor=actor, now=now, queue=asked["queue"], limit=200, after=asked.get("after")
        )
        return [[line.number, line.case_id.hex, line.task_id.hex, line.element] for line in page.rows]

    def _claim(self, asked: dict[str, Any], actor: Any, now: datetime) -> None:
        number, task = asked["number"], UUID(asked["task"])
        worklist.claim(self.cases, number, task, actor=actor, now=now, key=self._key(asked))

    def _complete(self, asked: dict[str, Any], actor: Any, now: datetime) -> None:
        if "amnesia" in self.sabotage and random.random() < 0.05:
            return
        number, task, answers = asked["number"], UUID(asked["task"]), asked["answers"]
        worklist.complete(self.cases, number, task, answers, actor=actor, now=now, key=self._key(asked))

    def _key(self, asked: dict[str, Any]) -> str | None:
        return None if "keys" in self.sabotage else asked["key"]


class Door(BaseHTTPRequestHandler):
    """JSON over HTTP, one connection per client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    desk: Desk

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._answer(200, self.desk.act(self.path.strip("/"), asked))
        except Unavailable as error:
            self._answer(503, error.text.en)
        except Rejection as error:
            self._answer(409, error.text.en)
        except Exception as error:
            self._answer(500, f"{type(error).__name__}: {error}")

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main() -> None:
    """A nursery: it has loaded the engine, and forks a server for every line that it reads.

    A server is up at once that way, however busy the machine is. Each tells its process id and its port.
    """
    options = _options()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed need no burial
    for _ in sys.stdin:
        if os.fork() == 0:
            serve(options)


def serve(options: argparse.Namespace) -> None:
    """Serve until killed."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick may take longer than its pace
    random.seed()
    cases = Watched(Database(options.database_url))
    cases.log = options.log
    Door.desk = Desk(cases, frozenset(options.sabotage))
    server = Server(("127.0.0.1", 0), Door)
    ticker = Ticker(seconds=TICK_SECONDS)
    ticker.every_tick("timers", lambda: _tick(cases, hasty="haste" in options.sabotage))
    ticker.start()
    print(os.getpid(), server.server_address[1], flush=True)
    server.serve_forever()


def _tick(cases: Cases, *, hasty: bool) -> int:
    return timers.fire_due(cases, now=datetime.now(UTC) + HASTE if hasty else None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--sabotage", nargs="*", default=[], choices=SABOTAGES)
    return parser.parse_args()


if __name__ == "__main__":
    main()

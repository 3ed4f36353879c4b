"""The product's own server processes, killed without warning and started again on the same port."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 15.0
TICK_SECONDS = 0.2
SABOTAGES = ("keys", "amnesia", "haste")  # see sabotaged_wsgi


class Servers:
    """gunicorn with `webapp.wsgi:create()`, one master with one process per port; `sabotage` breaks promises."""

    def __init__(self, url: str, folder: Path, *, how_many: int, sabotage: Sequence[str] = ()) -> None:
        self.ports = [_free_port() for _ in range(how_many)]
        self.kills = 0
        self.ready_seconds: list[float] = []
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._log = folder / "servers.log"
        self._entry = "tests.storm.sabotaged_wsgi" if sabotage else "webapp.wsgi"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHOUHOU_")},
            "SHOUHOU_DATABASE_URL": url,
            "SHOUHOU_DEMO": "1",
            "SHOUHOU_TICK_SECONDS": str(TICK_SECONDS),
            "SHOUHOU_AUDIT_FOLDER": str(folder / "audit"),
            "STORM_SABOTAGE": " ".join(sabotage),
        }
        self._over = threading.Event()
        self._reaper: threading.Thread | None = None

    def start(self) -> None:
        """Start all of them and wait until each answers."""
        for port in self.ports:
            self._start(port)
        for port in self.ports:
            self._await(port)

    def kill_now_and_then(self, calm: tuple[float, float]) -> None:
        """From now on kill one every so many seconds of calm, and start another in its place.

        It is calm for as long again as a start took, so that on a slow machine people get to work as well.
        """
        self._reaper = threading.Thread(target=self._reap, args=(calm,), daemon=True)
        self._reaper.start()

    def calm_down(self) -> None:
        """No more kills."""
        self._over.set()
        if self._reaper is not None:
            self._reaper.join()

    def stop(self) -> list[str]:
        """End all servers politely; returns what they did wrong on the way and what they should not have logged."""
        self.calm_down()
        for server in self._running.values():
            server.terminate()
        wrong = [line for port, server in self._running.items() for line in _farewell(port, server)]
        return wrong + list(_outcries(self._log))

    def _reap(self, calm: tuple[float, float]) -> None:
        while not self._over.wait(random.uniform(*calm) + sum(self.ready_seconds[-1:])):
            port = random.choice(self.ports)
            _kill(self._running[port])
            self.kills += 1
            began = time.monotonic()
            self._start(port)
            self._await(port)
            self.ready_seconds.append(time.monotonic() - began)

    def _start(self, port: int) -> None:
        words = [sys.executable, "-m", "gunicorn", f"{self._entry}:create()", "--bind", f"127.0.0.1:{port}"]
        words += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
        with self._log.open("ab") as log:
            self._running[port] = subprocess.Popen(
                words,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a process group of its own: master and worker die together
            )

    def _await(self, port: int) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self._running[port].poll() is None:
            if _answers(port):
                return
            time.sleep(0.02)
        raise RuntimeError(f"no server on port {port}: {self._log.read_text()[-1000:]}")


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
    try:
        line.request("GET", "/sign-in")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _kill(server: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def _farewell(port: int, server: subprocess.Popen[bytes]) -> Iterator[str]:
    try:
        status = server.wait(STOP_SECONDS)
        if status != 0:
            yield f"I9: the server on port {port} ended with status {status}"
    except subprocess.TimeoutExpired:
        yield f"I9: the server on port {port} did not stop within {STOP_SECONDS} s"
    finally:
        _kill(server)


def _outcries(log: Path) -> Iterator[str]:
    lines = log.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        if "Traceback" in line or "tick failed" in line:
            yield f"I9: a server cried out: {' '.join(lines[number : number + 30])[-600:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

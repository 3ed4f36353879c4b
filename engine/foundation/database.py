"""One database behind one door: what differs between SQLite and PostgreSQL ends in this module."""

from __future__ import annotations

import sqlite3
import threading
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError

from engine.foundation.columns import EPOCH, Moment
from engine.foundation.errors import Unavailable
from engine.foundation.models import Model
from engine.foundation.text import Text

BUSY_SECONDS = 15.0  # how long a writer waits for another process before the person is asked to try again
SAFE_SQLITE = (3, 51, 3)  # older ones can lose a WAL reset

# tables whose rows are never changed or removed
APPEND_ONLY = ("event", "checkpoint", "published_figure", "register_change", "access_log")


class FairLock:
    """A lock that is handed over in the order of arrival, so that no writer starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._held = False

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Wait for one's turn; raises Unavailable after `seconds`."""
        self._acquire(seconds)
        try:
            yield
        finally:
            self._release()

    def _acquire(self, seconds: float) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._queue.append(ticket)
        if ticket.acquire(timeout=seconds):
            return
        with self._guard:
            if ticket in self._queue:
                self._queue.remove(ticket)
                raise busy()
        # Handed over in the last instant: the turn is ours after all.

    def _release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


def busy() -> Unavailable:
    """The sentence for a database that does not answer in time."""
    return Unavailable(
        Text(
            zh="数据库暂时忙或无法连接, 本次操作没有生效。请稍后再试, 重复提交不会重复执行。",
            en="The database is busy or out of reach, and nothing was changed. Try again; a repeated submit is applied once.",
        )
    )


class Database:
    """A database and its transactions; open one per process. A writer waits `busy_seconds` for another one."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = url
        self.dialect = make_url(url).get_backend_name()
        self._queue = FairLock()
        self._busy_seconds = busy_seconds
        opened = _sqlite if self.dialect == "sqlite" else _postgresql
        self._engine = opened(url, busy_seconds)
        # SQLite's transactions see one picture anyway; PostgreSQL's only when asked.
        self._reading = (
            self._engine
            if self.dialect == "sqlite"
            else self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._glancing = (
            self._engine
            if self.dialect == "sqlite"
            else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: one consistent picture. Raises Unavailable."""
        with _translated(), self._reading.connect() as connection:
            yield connection
            if self._reading is not self._engine:
                # psycopg forgets every prepared statement of a connection that rolls back.
                connection.commit()

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For a single statement that reads: a picture of its own, without a transaction around it. Raises Unavailable."""
        with _translated(), self._glancing.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any error. Raises Unavailable."""
        if self.dialect == "sqlite":
            with self._queue.turn(self._busy_seconds), _translated(), self._engine.connect() as connection:
                yield from _committed(connection, begin="BEGIN IMMEDIATE")
        else:
            with _translated(), self._engine.connect() as connection:
                yield from _committed(connection, begin=None)

    def now(self, tx: Connection) -> datetime:
        """The database's own clock: it decides what is due, whatever a node's clock says."""
        if self.dialect == "sqlite":
            milliseconds = tx.exec_driver_sql(
                "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
            ).scalar_one()
            return datetime.fromtimestamp(milliseconds / 1000, tz=EPOCH.tzinfo)
        return tx.execute(select(func.clock_timestamp(type_=Moment()))).scalar_one()

    def create_schema(self) -> None:
        """Create every table at once (tests, in-memory rehearsals); a real installation migrates instead."""
        with self.write() as tx:
            Model.metadata.create_all(tx)
            protect_history(tx)

    def copy_to(self, file: Path) -> None:
        """Write a consistent copy of an SQLite database while it is in use."""
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("VACUUM INTO ?", (str(file),))

    def dispose(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def protect_history(tx: Connection) -> None:
    """Refuse, by trigger, every change of an append-only row."""
    for table in APPEND_ONLY:
        if tx.dialect.name == "sqlite":
            for act in ("UPDATE", "DELETE"):
                tx.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
                )
        else:
            tx.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$"
            )
            tx.exec_driver_sql(
                f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def _committed(connection: Connection, *, begin: str | None) -> Iterator[Connection]:
    connection.info["begin"] = begin
    try:
        with connection.begin():
            yield connection
    finally:
        connection.info.pop("begin", None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise busy() from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise busy() from error
        raise


def _driver() -> ModuleType:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        warnings.warn(
            f"pysqlite3 is not installed; using SQLite {sqlite3.sqlite_version} of the Python installation, "
            f"which may be older than {'.'.join(map(str, SAFE_SQLITE))} and carry a known WAL fault.",
            RuntimeWarning,
            stacklevel=2,
        )
        return sqlite3
    return dbapi2  # type: ignore[no-any-return]


def _sqlite(url: str, busy_seconds: float) -> Engine:
    path = make_url(url).database
    in_memory = path in (None, "", ":memory:")
    if path and not in_memory:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"module": _driver()}
    if in_memory:
        from sqlalchemy.pool import StaticPool

        options["poolclass"] = StaticPool
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": busy_seconds}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32000",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.info.get("begin") or "BEGIN")


def _postgresql(url: str, busy_seconds: float) -> Engine:
    options = (
        f"-c timezone=UTC -c lock_timeout={busy_seconds * 1000:.0f}ms -c statement_timeout=60s "
        "-c idle_in_transaction_session_timeout=60s"
    )
    # The connection used last is taken first: its statements are prepared and planned already.
    engine = create_engine(
        url, connect_args={"options": options}, pool_size=20, max_overflow=10, pool_use_lifo=True
    )
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool open another connection when the server has closed this one.

    A server that goes away leaves something to read on the socket; looking for it costs no round trip, as asking would.
    """
    if connection.closed:
        raise DisconnectionError
    with DefaultSelector() as socket:
        socket.register(connection.fileno(), EVENT_READ)
        if socket.select(0):
            raise DisconnectionError

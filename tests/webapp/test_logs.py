"""The server's own log: machines read objects, people read lines, and each names its request."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from engine.acts.cast import People
from engine.foundation.database import Database
from engine.foundation.errors import Unavailable
from engine.foundation.text import Text
from tests.conftest import Clock
from tests.webapp.conftest import MakeApp, Web
from webapp import logs


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged; afterwards logging is as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    # Taken away rather than replaced, because replacing closes them and they are not ours.
    root.handlers.clear()
    yield io.StringIO()
    root.handlers[:] = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_machines_read_one_object_a_line_with_its_traceback(written: io.StringIO) -> None:
    logs.configure(stream=written)
    try:
        raise ValueError("坏了")
    except ValueError:
        structlog.get_logger().exception("tick failed", job="timers")
    logging.getLogger("elsewhere").warning("%s said", "a library")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert (first["event"], first["job"], first["level"]) == ("tick failed", "timers", "error")
    assert first["timestamp"].endswith("Z")
    assert "ValueError: 坏了" in first["exception"]
    assert (second["event"], second["level"]) == ("a library said", "warning")


def test_people_read_lines(written: io.StringIO) -> None:
    logs.configure(stream=written, readable=True)
    structlog.get_logger().warning("tick put off", job="timers")
    assert "tick put off" in written.getvalue()
    assert not written.getvalue().startswith("{")


def test_the_ticks_themselves_are_not_told(written: io.StringIO) -> None:
    logs.configure(stream=written)
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert written.getvalue() == ""


def test_a_failure_is_found_again_by_the_number_on_the_page(
    make_app: MakeApp, database: Database, clock: Clock, people: People, written: io.StringIO
) -> None:
    app = make_app()
    app.add_url_rule("/act", "act", _act)
    web = Web(app, database, clock, app.extensions["shouhou"].settings)
    logs.configure(stream=written)
    for _ in range(2):
        answer = web.as_("li_gong").get("/act")
        last = json.loads(written.getvalue().splitlines()[-1])
        assert last["request"] == answer.headers["X-Request-Id"]
        assert last["page"] == "act"


def _act() -> str:
    raise Unavailable(Text(zh="数据库暂时无法连接。", en="The database is out of reach."))

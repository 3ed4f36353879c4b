"""Whoever watches the server hears whether it can work, without signing in."""

from __future__ import annotations

from pathlib import Path

from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.settings import Settings
from tests.conftest import MONDAY
from tests.webapp.conftest import Web
from webapp import create_app


def test_a_server_whose_database_answers_is_well(web: Web) -> None:
    answer = web.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_server_without_its_database_is_not(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nothing.db'}", busy_seconds=0.1)
    settings = Settings(database_url=database.url, secret_key="for tests only")
    app = create_app(
        database=database,
        cases=Cases(database, settings),
        settings=settings,
        clock=lambda: MONDAY,
        testing=True,
    )
    assert app.test_client().get("/healthz").status_code == 503

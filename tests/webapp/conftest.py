"""The application on a fresh database, with somebody signed in when a test wants that."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from engine.acts.cast import People
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.sessions import open_session
from engine.foundation.settings import Settings
from tests.conftest import Clock
from webapp import create_app
from webapp.auth import COOKIE
from webapp.context import EXTENSION, Services

MakeApp = Callable[..., Flask]


class Web:
    """A browser without a window: keeps cookies, sends the CSRF token of the page it last read."""

    def __init__(self, app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
        self.app, self.database, self.clock, self.settings = app, database, clock, settings
        self.client: FlaskClient = app.test_client()

    def as_(self, person: str) -> Web:
        """Sign in as `person`, without the page."""
        with self.database.write() as tx:
            secret = open_session(tx, person=person, now=self.clock(), settings=self.settings)
        self.client.set_cookie(COOKIE, secret)
        return self

    def get(self, url: str, **options: object) -> TestResponse:
        """Read a page."""
        return self.client.get(url, **options)

    def post(self, url: str, data: dict[str, object] | None = None, **options: object) -> TestResponse:
        """Send a form with the CSRF token that a page of this site holds."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(url, data=form, **options)

    def token(self) -> str:
        """The CSRF token of the first page."""
        page = self.client.get("/", follow_redirects=True).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found, page[:500]
        return found[1]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once in a session."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(database: Database, clock: Clock, compiled: FileSystemBytecodeCache) -> MakeApp:
    """Build the application on the fresh database with other settings."""

    def make(**changes: Any) -> Flask:
        settings = Settings(database_url=database.url, secret_key="for tests only", **changes)
        cases = Cases(database, settings)
        app = create_app(database=database, cases=cases, settings=settings, clock=clock, testing=True)
        app.jinja_env.bytecode_cache = compiled
        return app

    return make


@pytest.fixture
def settings(database: Database) -> Settings:
    """The settings of `app`."""
    return Settings(database_url=database.url, secret_key="for tests only")


@pytest.fixture(scope="session")
def pages(compiled: FileSystemBytecodeCache) -> Flask:
    """The pages with the usual settings, before nothing: building their routes costs more than most tests."""
    nothing, settings = Database("sqlite://"), Settings(secret_key="for tests only")
    app = create_app(
        database=nothing, cases=Cases(nothing, settings), settings=settings, clock=Clock(), testing=True
    )
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def app(pages: Flask, database: Database, clock: Clock, settings: Settings) -> Flask:
    """The application on the fresh database; a test that changes the application itself takes `make_app`."""
    pages.extensions[EXTENSION] = Services(database, Cases(database, settings), settings, clock)
    return pages


@pytest.fixture
def web(app: Flask, database: Database, clock: Clock, settings: Settings, people: People) -> Web:
    """A browser; nobody is signed in yet: `web.as_("li_gong").get("/inbox/")`."""
    return Web(app, database, clock, settings)

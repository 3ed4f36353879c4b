"""A real browser before a real server; every page is watched for errors and for breaches of its content policy."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from engine.acts.cast import admit
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.sessions import open_session
from engine.foundation.settings import Settings
from tests.conftest import IN_CI, Clock
from webapp import create_app
from webapp.auth import COOKIE

DESKTOP, PHONE = (1280, 820), (390, 844)
WATCH = """
window.breaches = [];
addEventListener('securitypolicyviolation', (event) => window.breaches.push(event.violatedDirective + ' ' + event.sourceFile));
"""


@dataclass
class Site:
    """The running product; `open` gives a page of a fresh browser window, signed in as `person`."""

    url: str
    app: Flask
    database: Database
    settings: Settings
    clock: Clock
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(
        self,
        path: str,
        *,
        person: str | None = None,
        language: str = "zh",
        size: tuple[int, int] = DESKTOP,
        scripts: bool = True,
    ) -> Page:
        """The page at `path`, loaded."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.add_init_script(WATCH)
        self.contexts.append(context)
        context.add_cookies([{"name": "language", "value": language, "url": self.url}])
        if person is not None:
            context.add_cookies([{"name": COOKIE, "value": self._secret(person), "url": self.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.goto(self.url + path)
        if scripts:
            page.wait_for_selector("body[data-ready]")
        return page

    def close(self) -> list[str]:
        """Close every window; answers with the errors and breaches that their pages have reported since the last time."""
        found = [*self.errors, *(b for c in self.contexts for p in c.pages for b in _breaches(p))]
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        self.errors.clear()
        return found

    def _secret(self, person: str) -> str:
        with self.database.write() as tx:
            return open_session(tx, person=person, now=self.clock(), settings=self.settings)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, headless."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if IN_CI:
            pytest.fail("Chromium is required in CI", pytrace=False)
        pytest.skip("NOT RUN: no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(sqlite_url: str, clock: Clock, chromium: Browser) -> Iterator[Site]:
    """The product with its people, served on a free port; fails the test when any page reported an error."""
    database = Database(sqlite_url)
    with database.write() as tx:
        admit(tx, at=clock.now)
    settings = Settings(database_url=sqlite_url, secret_key="for tests only", demo=True)
    app = create_app(database=database, cases=Cases(database, settings), settings=settings, clock=clock)
    with served(app) as url:
        running = Site(url, app, database, settings, clock, chromium)
        yield running
        found = running.close()
    database.dispose()
    assert found == []


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def _breaches(page: Page) -> list[str]:
    found = page.evaluate("window.breaches ?? []")
    return [str(breach) for breach in found]

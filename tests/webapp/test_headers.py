"""What every answer tells the browser to refuse."""

from __future__ import annotations

import pytest

from engine.acts.cast import People
from engine.foundation.database import Database
from engine.foundation.settings import Settings
from tests.conftest import Clock
from tests.webapp.conftest import MakeApp, Web


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


def _policy(header: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.parametrize("url", ["/sign-in", "/", "/no-such-page", "/assets/nothing.js"])
def test_no_answer_lets_strange_or_inline_code_run(web: Web, url: str) -> None:
    policy = _policy(web.get(url).headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert not any("unsafe" in value for values in policy.values() for value in values)


def test_pages_cannot_be_framed_guessed_at_or_kept_by_proxies(web: Web) -> None:
    headers = web.get("/sign-in").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "private" in headers["Cache-Control"]


def test_an_installation_behind_https_insists_on_it(
    make_app: MakeApp, database: Database, clock: Clock, people: People
) -> None:
    app = make_app(base_url="https://service.example.invalid")
    answer = Web(app, database, clock, Settings()).get("/sign-in")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_each_answer_has_a_number_that_the_log_knows(web: Web) -> None:
    first, second = (web.get("/sign-in").headers["X-Request-Id"] for _ in range(2))
    assert len(first) == 12 and first != second


def test_pages_hold_no_inline_script_or_style(web: Web) -> None:
    page = web.as_("li_gong").get("/", follow_redirects=True).text + web.get("/sign-in").text
    assert "style=" not in page and "<style" not in page
    assert " onclick" not in page and "hx-on" not in page
    scripts = [part.split(">")[0] for part in page.split("<script")[1:]]
    assert all("src=" in script or "application/json" in script for script in scripts)

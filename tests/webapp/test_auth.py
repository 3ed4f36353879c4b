"""Signing in: who gets in, where to, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from engine.acts.cast import People
from engine.desk.people import set_active, set_password
from engine.foundation.database import Database
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings
from tests.conftest import Clock
from tests.webapp.conftest import MakeApp, Web
from webapp.auth import COOKIE, TRIES

PASSWORD = "correct horse battery"


@pytest.fixture
def with_password(web: Web, database: Database) -> Web:
    """A browser in front of a company where Li Gong has a password."""
    with database.write() as tx:
        set_password(tx, "li_gong", PASSWORD, actor=SYSTEM)
    return web


def test_a_stranger_is_led_to_the_sign_in_page_and_on_to_where_they_wanted_to_go(with_password: Web) -> None:
    asked = with_password.get("/?q=switch")
    assert asked.status_code == 302
    assert asked.location == "/sign-in?next=/?q%3Dswitch"
    answer = with_password.post(
        "/sign-in", {"account": "li_gong", "password": PASSWORD, "next": "/?q=switch"}
    )
    assert (answer.status_code, answer.location) == (303, "/?q=switch")
    assert "李工" in with_password.get("/", follow_redirects=True).text


def test_a_wrong_password_and_an_unknown_name_read_the_same(with_password: Web) -> None:
    wrong = with_password.post("/sign-in", {"account": "li_gong", "password": "not this one"})
    unknown = with_password.post("/sign-in", {"account": "nobody", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 422
    assert "登录名或密码不正确" in wrong.text and "登录名或密码不正确" in unknown.text
    assert 'value="li_gong"' in wrong.text, "the login name stays in the field"


def test_after_too_many_failures_even_the_right_password_has_to_wait(
    with_password: Web, clock: Clock
) -> None:
    for _ in range(6):
        with_password.post("/sign-in", {"account": "li_gong", "password": "not this one"})
    refused = with_password.post("/sign-in", {"account": "li_gong", "password": PASSWORD})
    assert refused.status_code == 422 and "秒后再试" in refused.text
    clock.advance(hours=1)
    assert with_password.post("/sign-in", {"account": "li_gong", "password": PASSWORD}).status_code == 303


def test_one_address_may_try_only_so_often_whichever_process_answers(web: Web, make_app: MakeApp) -> None:
    doors = (web, Web(make_app(), web.database, web.clock, web.settings))
    tries = [doors[n % 2].post("/sign-in/demo", {"person": "li_gong"}) for n in range(TRIES.most + 2)]
    assert [answer.status_code for answer in tries] == [404] * TRIES.most + [429] * 2
    web.clock.advance(minutes=1)
    assert web.post("/sign-in/demo").status_code == 404


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(with_password: Web, evil: str) -> None:
    answer = with_password.post("/sign-in", {"account": "li_gong", "password": PASSWORD, "next": evil})
    assert answer.location == "/"


def test_a_sign_in_without_the_token_of_the_page_is_refused(with_password: Web) -> None:
    answer = with_password.client.post("/sign-in", data={"account": "li_gong", "password": PASSWORD})
    assert answer.status_code == 400
    assert PASSWORD not in answer.text


def test_signing_out_ends_the_session_on_the_server_too(web: Web) -> None:
    web.as_("li_gong")
    kept = web.client.get_cookie(COOKIE)
    assert kept is not None
    assert web.post("/sign-out").location == "/sign-in"
    web.client.set_cookie(COOKIE, kept.value)
    assert web.get("/").location == "/sign-in"


def test_a_session_ends_when_it_was_idle_too_long_or_its_person_left(
    web: Web, clock: Clock, settings: Settings, database: Database
) -> None:
    assert web.as_("li_gong").get("/", follow_redirects=True).request.path != "/sign-in"
    clock.advance(minutes=settings.session_idle_minutes + 1)
    assert web.get("/").location == "/sign-in"
    web.as_("wang_gong")
    with database.write() as tx:
        set_active(tx, "wang_gong", False, actor=SYSTEM)
    assert web.get("/").location == "/sign-in"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(with_password: Web) -> None:
    answer = with_password.post("/sign-in", {"account": "li_gong", "password": PASSWORD})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_demonstration_lists_one_person_per_group_and_lets_them_in(
    make_app: MakeApp, database: Database, clock: Clock, people: People
) -> None:
    app = make_app(demo=True)
    web = Web(app, database, clock, Settings())
    page = web.get("/sign-in").text
    assert page.count('name="person"') == 20
    assert "陈敏" in page and "何洁" not in page, "the second of a group is left out"
    assert web.post("/sign-in/demo", {"person": "sun_jing"}).status_code == 303
    assert "孙静" in web.get("/", follow_redirects=True).text


def test_outside_the_demonstration_nobody_signs_in_without_a_password(web: Web) -> None:
    assert 'name="person"' not in web.get("/sign-in").text
    assert web.post("/sign-in/demo", {"person": "sun_jing"}).status_code == 404


def test_a_part_of_a_page_asked_for_after_the_session_ended_sends_the_browser_to_sign_in(app: Flask) -> None:
    answer = app.test_client().get(
        "/", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox/?q=a"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/inbox/?q%3Da"


def test_every_view_asks_for_a_sign_in_unless_it_is_known_to_be_public(app: Flask) -> None:
    public = {e for e, view in app.view_functions.items() if getattr(view, "is_public", False)}
    assert public == {
        "assets.file",
        "auth.page",
        "auth.enter",
        "auth.enter_demo",
        "auth.give",
        "auth.leave",
        "auth.second_step",
        "health",
        "language.switch",
        "portal.act",
        "portal.file",
        "portal.show",
        "portal_report.page",
        "portal_report.report",
    }


def test_a_company_sign_in_is_offered_only_when_it_is_configured(
    make_app: MakeApp, database: Database, clock: Clock, people: People
) -> None:
    plain = Web(make_app(), database, clock, Settings()).get("/sign-in").text
    configured = make_app(oidc_issuer="https://id.example.invalid", oidc_client_id="shouhou")
    offered = Web(configured, database, clock, Settings()).get("/sign-in").text
    assert "/sign-in/company/" not in plain
    assert "/sign-in/company/" in offered


def test_an_account_with_too_many_sessions_ahead_of_it_keeps_its_own(web: Web, clock: Clock) -> None:
    first = web.as_("li_gong").client.get_cookie(COOKIE)
    clock.now += timedelta(minutes=1)
    second = web.as_("li_gong").client.get_cookie(COOKIE)
    assert first is not None and second is not None and first.value != second.value
    web.client.set_cookie(COOKIE, first.value)
    assert web.get("/", follow_redirects=True).request.path != "/sign-in"

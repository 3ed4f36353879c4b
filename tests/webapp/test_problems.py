"""Errors that people can act on, and that lose nothing."""

from __future__ import annotations

import pytest
from flask import Flask, flash, render_template_string

from engine.acts.cast import People
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection, ShouhouError, Unavailable
from engine.foundation.models import AccessLog
from engine.foundation.text import Text
from tests.conftest import Clock
from tests.webapp.conftest import MakeApp, Web

SENTENCE = Text(zh="李工已于 10:52 完成此任务。", en="Li Gong completed this at 10:52.")


@pytest.fixture
def failing(make_app: MakeApp, database: Database, clock: Clock, people: People) -> Web:
    """A browser before an application whose page /act raises what its test asks for."""
    app = make_app()
    app.add_url_rule("/act", "act", _act, methods=["GET", "POST"])
    return Web(app, database, clock, app.extensions["shouhou"].settings).as_("li_gong")


def _act() -> str:
    raise raised[0]


raised: list[Exception] = []


@pytest.fixture(autouse=True)
def nothing_raised_yet() -> None:
    """Each test says what the page raises."""
    raised.clear()


@pytest.mark.parametrize(
    ("kind", "status"),
    [(NotFound, 404), (Forbidden, 403), (Conflict, 409), (Rejection, 422), (Unavailable, 503)],
)
def test_each_refusal_has_its_status_and_its_sentence_in_the_language_of_the_person(
    failing: Web, kind: type[ShouhouError], status: int
) -> None:
    raised.append(kind(SENTENCE))
    answer = failing.get("/act")
    assert answer.status_code == status
    assert SENTENCE.zh in answer.text
    failing.post("/language", {"language": "en"})
    assert SENTENCE.en in failing.get("/act").text


def test_what_was_typed_stays_readable_on_the_error_page(failing: Web) -> None:
    raised.append(Conflict(SENTENCE))
    answer = failing.post("/act", {"cause": "固件 <b>不兼容</b>", "idempotency_key": "key-of-this-form"})
    assert answer.status_code == 409
    assert "固件 &lt;b&gt;不兼容&lt;/b&gt;" in answer.text
    assert "key-of-this-form" not in answer.text, "a conflict is not to be repeated blindly"


def test_a_busy_database_offers_the_same_request_again_with_the_same_key(failing: Web) -> None:
    raised.append(Unavailable(SENTENCE))
    answer = failing.post("/act", {"cause": "固件不兼容", "idempotency_key": "key-of-this-form"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert 'name="idempotency_key" value="key-of-this-form"' in answer.text
    assert 'name="cause" value="固件不兼容"' in answer.text


def test_a_form_whose_token_is_stale_shows_what_was_typed_and_can_be_sent_again(failing: Web) -> None:
    raised.append(Conflict(SENTENCE))
    answer = failing.client.post("/act", data={"cause": "固件不兼容"})
    assert answer.status_code == 400
    assert "固件不兼容" in answer.text and "csrf_token" in answer.text


def test_htmx_keeps_the_page_and_adds_a_notice(failing: Web) -> None:
    raised.append(Conflict(SENTENCE))
    answer = failing.post("/act", {"cause": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Reswap"] == "none"
    assert "hx-swap-oob" in answer.text and SENTENCE.zh in answer.text and "<html" not in answer.text


def test_an_unexpected_error_tells_a_number_but_no_inner_workings(failing: Web) -> None:
    failing.app.testing = False
    raised.append(RuntimeError("secret detail"))
    answer = failing.get("/act")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "secret detail" not in answer.text and "Traceback" not in answer.text


def test_a_refused_person_is_recorded(failing: Web, database: Database) -> None:
    raised.append(Forbidden(SENTENCE))
    failing.get("/act")
    with database.read() as tx:
        rows = tx.execute(AccessLog.__table__.select()).mappings().all()
    assert [(r["actor"], r["target"], r["allowed"]) for r in rows] == [("li_gong", "/act", False)]


@pytest.mark.parametrize(("url", "status"), [("/no-such-page", 404), ("/language", 405)])
def test_wrong_addresses_read_like_the_rest_of_the_product(web: Web, url: str, status: int) -> None:
    answer = web.as_("li_gong").get(url)
    assert answer.status_code == status
    assert "售后" in answer.text and answer.headers["X-Request-Id"] in answer.text


def test_a_stranger_sees_no_menu_on_an_error_page(app: Flask) -> None:
    answer = app.test_client().get("/no-such-page")
    assert answer.status_code == 404
    assert 'class="rail"' not in answer.text


def test_a_message_survives_whether_the_whole_page_or_a_part_of_it_is_exchanged(
    make_app: MakeApp, database: Database, clock: Clock, people: People
) -> None:
    app = make_app()
    app.add_url_rule("/whole", "whole", lambda: _saying('{% extends "base.html" %}'))
    app.add_url_rule("/part", "part", lambda: _saying('{% include "_flashes.html" %}'))
    web = Web(app, database, clock, app.extensions["shouhou"].settings).as_("li_gong")
    whole = web.get("/whole", headers={"HX-Request": "true", "HX-Request-Type": "full"}).text
    assert "gut" in whole
    assert "hx-swap-oob" not in whole, "htmx would put it into the page that goes away"
    exchanged = web.get("/part", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert 'hx-swap-oob="beforeend:#messages"' in exchanged


def _saying(template: str) -> str:
    flash("gut")
    return render_template_string(template)


@pytest.mark.parametrize(
    "address",
    ["/inbox/?q=a%00", "/people/?%00=q", "/registers/customer/?q=%00", "/cases/SH%00", "/portal/%00"],
)
def test_a_null_character_in_an_address_is_refused_in_words(web: Web, address: str) -> None:
    answer = web.as_("guan_li").get(address)
    assert answer.status_code == 422 and "空字符" in answer.text


def test_a_null_character_in_a_form_is_refused_in_words(web: Web) -> None:
    answer = web.post("/sign-in", {"account": "li_gong\0", "password": "x"})
    assert answer.status_code == 422 and "空字符" in answer.text
    kept = {"name": "晚\0", "place": "cases", "asked.status": "new"}
    assert web.as_("li_gong").post("/filters", kept).status_code == 422

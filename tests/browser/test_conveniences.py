"""What scripts add to plain pages: fields that show when they matter, rows, drafts, fresh lists, keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from flask import Blueprint, render_template_string, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, expect

from engine.bpmn.forms import read_form
from tests.browser.conftest import Site
from tests.webapp.test_answers import SCHEMA
from webapp.answers import posted
from webapp.fragments import fragment

pytestmark = pytest.mark.browser

FORM = read_form(json.dumps(SCHEMA).encode(), file="forms/report.json")
PAGE = """{% extends "base.html" %}{% import "form.html" as form with context %}{% import "parts.html" as parts with context %}
{% block title %}x{% endblock %}
{% block content %}<h1>x</h1>
<form method="post" data-form data-draft="/try/draft" novalidate>{{ parts.hidden() }}{{ form.fields(f, {"parts": [{"sku": "A1"}]}, {}) }}
{% call parts.acts() %}<button class="btn btn-primary" data-primary>OK</button><span data-draft-status></span>{% endcall %}</form>
<button type="button" data-claim>C</button>{% endblock %}"""
LIST = """{% extends "base.html" %}{% block title %}x{% endblock %}
{% block content %}<h1>x</h1><input aria-label="s" data-search>
<div id="lines" hx-get="/try/lines" hx-trigger="every 300ms, refresh" hx-swap="innerMorph" data-poll></div>{% endblock %}"""
LINES = """<div data-list data-announce="{{ names|length }} lines">{% for name in names %}
<a class="item" data-item href="/try/form?{{ name }}" id="{{ name }}">{{ name }}</a>{% endfor %}</div>"""


@dataclass
class Trial:
    """Pages of this test, and what their server was sent."""

    site: Site
    names: list[str] = field(default_factory=lambda: ["one", "two"])
    drafts: list[dict[str, object]] = field(default_factory=list)
    sent: list[dict[str, object]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def draft(self) -> ResponseReturnValue:
        """Keep a draft."""
        self.drafts.append(posted(FORM, request.form))
        return "", 204

    def form(self) -> str:
        """Show the form; remember what was posted."""
        if request.method == "POST":
            self.sent.append(posted(FORM, request.form))
        return render_template_string(PAGE, f=FORM)

    def lines(self) -> ResponseReturnValue:
        """The list alone."""
        answer = fragment("lines.html", names=self.names)
        self.answers.append(answer.status_code)
        return answer

    def open(self, path: str, **options: object) -> Page:
        """One of these pages, as Li Gong."""
        return self.site.open(path, person="li_gong", **options)  # type: ignore[arg-type]


@pytest.fixture
def trial(site: Site) -> Trial:
    """The product with three more pages."""
    from jinja2 import ChoiceLoader, DictLoader

    made = Trial(site)
    pages = Blueprint("trial", __name__, url_prefix="/try")
    pages.add_url_rule("/form", "form", made.form, methods=["GET", "POST"])
    pages.add_url_rule("/draft", "draft", made.draft, methods=["POST"])
    pages.add_url_rule("/list", "list", lambda: render_template_string(LIST))
    pages.add_url_rule("/lines", "lines", made.lines)
    loader = site.app.jinja_env.loader
    assert loader is not None
    site.app.jinja_env.loader = ChoiceLoader([DictLoader({"lines.html": LINES}), loader])
    site.app.register_blueprint(pages)
    return made


def test_a_field_shows_only_when_it_matters_and_is_not_sent_otherwise(trial: Trial) -> None:
    page = trial.open("/try/form")
    table = page.locator("[data-table]")
    expect(table).to_be_hidden()
    page.check("text=需要备件")
    expect(table).to_be_visible()
    page.check("text=已修复")
    page.click("[data-primary]")
    page.wait_for_load_state()
    assert trial.sent[0].get("parts") == []


def test_rows_are_added_and_removed_in_place_and_arrive_in_order(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.check("text=需要备件")
    page.click("[data-add-row]")
    page.keyboard.type("B2")
    page.click("[data-add-row]")
    page.keyboard.type("C3")
    page.click("[data-remove-row] >> nth=1")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("[name='parts.1.sku']")).to_have_attribute("aria-label", "编号, 第 2 行")
    page.click("[data-primary]")
    page.wait_for_load_state()
    assert trial.sent[0]["parts"] == [{"sku": "A1"}, {"sku": "C3"}]


def test_what_is_typed_is_kept_as_a_draft_without_asking(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.check("text=需要备件")
    page.fill("[name='parts.0.sku']", "Z9")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    assert trial.drafts[-1]["parts"] == [{"sku": "Z9"}]


def test_leaving_a_page_in_the_middle_of_typing_still_keeps_the_draft(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.check("text=需要备件")
    page.fill("[name='parts.0.sku']", "Z9")
    page.goto(trial.site.url + "/try/list")
    page.wait_for_selector(".item")
    assert trial.drafts
    assert trial.drafts[-1]["parts"] == [{"sku": "Z9"}]


def test_a_double_click_sends_a_form_once(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.dblclick("[data-primary]")
    page.wait_for_load_state()
    page.wait_for_selector("body[data-ready]")
    assert len(trial.sent) == 1


def test_a_signature_drawn_by_hand_travels_as_a_picture(trial: Trial) -> None:
    page = trial.open("/try/form")
    pad = page.locator("canvas[data-on]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    page.mouse.up()
    page.click("[data-primary]")
    page.wait_for_load_state()
    assert str(trial.sent[0]["signature"]).startswith("data:image/png;base64,")


def test_a_list_stays_fresh_and_asks_for_nothing_that_it_already_has(trial: Trial) -> None:
    page = trial.open("/try/list")
    expect(page.locator(".item")).to_have_count(2)
    with page.expect_response(lambda answer: answer.status == 304):
        pass
    trial.names.append("three")
    expect(page.locator(".item")).to_have_count(3)
    expect(page.locator("#live")).to_have_text("3 lines")
    assert 304 in trial.answers


def test_keys_move_through_a_list_and_open_its_lines(trial: Trial) -> None:
    page = trial.open("/try/list")
    page.wait_for_selector(".item")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#two")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#one")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator("[data-search]")).to_have_value("jk?")
    page.locator("#two").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/try/form?two")


def test_keys_claim_complete_and_lead_to_the_inbox(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.evaluate(
        "document.querySelector('[data-claim]').addEventListener('click', () => { document.title = 'claimed' })"
    )
    page.keyboard.press("c")
    expect(page).to_have_title("claimed")
    page.focus("[name='signature__typed']")
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    page.wait_for_selector("body[data-ready]")
    assert len(trial.sent) == 1
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/inbox/")


def test_a_lost_connection_is_told_and_nothing_typed_is_lost(trial: Trial) -> None:
    page = trial.open("/try/form")
    page.context.set_offline(True)
    page.fill("[name='signature__typed']", "周女士")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿未能保存")
    expect(page.locator("[name='signature__typed']")).to_have_value("周女士")
    page.context.set_offline(False)
    trial.site.errors.clear()

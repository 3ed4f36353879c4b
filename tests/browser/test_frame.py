"""What surrounds every page, in a real browser: reachable by keyboard, readable on a phone, in both languages."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Blueprint, render_template_string
from playwright.sync_api import expect

from engine.foundation.settings import source_folder
from tests.browser.conftest import DESKTOP, PHONE, Site

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DIAGRAM_PAGE = """{% extends "base.html" %}{% import "diagram.html" as diagram with context %}
{% block title %}x{% endblock %}{% block scripts %}{{ asset("diagram") }}{% endblock %}
{% block content %}<h1>x</h1>{{ diagram.player(data) }}{% endblock %}"""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("person", [None, "li_gong"])
def test_frame_and_sign_in_have_no_axe_violation_and_never_scroll_sideways(
    site: Site, language: str, size: tuple[int, int], person: str | None
) -> None:
    page = site.open("/sign-in" if person is None else "/people", person=person, language=language, size=size)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_signs_in_and_switches_the_language_without_scripts(site: Site) -> None:
    page = site.open("/sign-in", scripts=False)
    page.click("text=李工")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.click(".rail >> text=English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("text=Sign out")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_the_help_opens_and_closes_by_keyboard(site: Site) -> None:
    page = site.open("/people", person="li_gong")
    panel = page.locator("#keys")
    expect(panel).to_be_hidden()
    page.keyboard.press("?")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_menu_of_a_phone_leads_everywhere(site: Site) -> None:
    page = site.open("/people", person="li_gong", size=PHONE)
    expect(page.locator(".rail")).to_be_hidden()
    page.click(".topbar summary")
    expect(page.locator(".topbar .links a").first).to_be_visible()
    assert page.locator(".topbar .links a").count() == page.locator(".rail .links a").count()


@pytest.fixture
def player(site: Site) -> Site:
    """The product with one more page: a diagram of the procedures and three moments of an invented case."""
    folder = source_folder() / "processes"
    names = {"service_case": "A", "case_intake": "B"}
    data = {
        "diagrams": {name: (folder / f"{name}.bpmn").read_text(encoding="utf-8") for name in names},
        "names": names,
        "frames": [
            _moment(1, [], "report_received"),
            _moment(2, ["report_received"], "case_intake"),
            _moment(3, ["report_received", "case_intake"], "case_dispatch"),
        ],
        "timers": [],
        "start": "service_case",
    }
    pages = Blueprint("player", __name__)
    pages.add_url_rule("/player", "page", lambda: render_template_string(DIAGRAM_PAGE, data=data))
    site.app.register_blueprint(pages)
    return site


def _moment(seq: int, done: list[str], active: str) -> dict[str, object]:
    marks = {"service_case": {"done": done, "active": [active], "taken": []}}
    return {"seq": seq, "at": f"09:0{seq}", "text": f"step {seq}", "marks": marks}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_mark_of_the_diagram_library_is_whole_and_uncovered(player: Site, size: tuple[int, int]) -> None:
    page = player.open("/player", person="li_gong", size=size)
    page.wait_for_selector("[data-diagram][data-ready]")
    page.locator(".bjs-powered-by").scroll_into_view_if_needed()
    assert page.evaluate(
        """() => { const mark = document.querySelector('.bjs-powered-by'), box = mark.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.width > 40 && box.height > 15 && mark.contains(top); }"""
    )


def test_a_case_is_stepped_through_by_buttons_slider_and_keys(player: Site) -> None:
    page = player.open("/player", person="li_gong")
    page.wait_for_selector("[data-diagram][data-ready]")
    told = page.locator("[data-player-text]")
    expect(told).to_have_text("step 3")
    page.click("[data-player-previous]")
    expect(told).to_have_text("step 2")
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text("step 1")
    page.focus("[data-player-slider]")
    page.keyboard.press("End")
    expect(told).to_have_text("step 3")
    page.evaluate("location.hash = '#step-2'")
    expect(told).to_have_text("step 2")


def test_marks_are_those_of_the_moment_and_no_others(player: Site) -> None:
    page = player.open("/player", person="li_gong")
    page.wait_for_selector("[data-diagram][data-ready]")
    marked = "[...document.querySelectorAll('.djs-element.{}')].map(e => e.dataset.elementId).filter(i => !i.endsWith('_label')).sort()"
    assert page.evaluate(marked.format("done")) == ["case_intake", "report_received"]
    page.click("[data-player-previous]")
    assert page.evaluate(marked.format("done")) == ["report_received"]
    assert page.evaluate(marked.format("active")) == ["case_intake"]


def test_a_called_diagram_opens_by_keyboard_and_leads_back(player: Site) -> None:
    page = player.open("/player", person="li_gong")
    page.wait_for_selector("[data-diagram][data-ready]")
    page.locator("[data-open=case_intake]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-process=case_intake]")
    page.click("[data-diagram-path] button")
    page.wait_for_selector("[data-process=service_case]")


@pytest.mark.parametrize(("entry", "kilobytes"), [("app", 25), ("diagram", 70), ("dashboard", 200)])
def test_pages_stay_light(site: Site, entry: str, kilobytes: int) -> None:
    folder, parts = site.app.config["ASSETS_FOLDER"], site.app.config["ASSETS"][entry]
    packed = sum((folder / f"{name}.gz").stat().st_size for name in (parts["js"], *parts["chunks"]))
    assert packed < kilobytes * 1024

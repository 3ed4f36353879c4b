"""The procedure page: every clause with what realises it, and how it was kept, down to the cases."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import update

from engine.acts import timers
from engine.acts.publishing import read_folder
from engine.bpmn.clauses import CLAUSES
from engine.bpmn.features import FEATURES
from engine.bpmn.register import Register
from engine.cli import main
from engine.foundation.models import Case
from engine.foundation.settings import source_folder
from tests.webapp.conftest import MakeApp, Web
from tests.webapp.desk import FAULT, Desk, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


@pytest.fixture
def page(desk: Desk) -> Web:
    return desk.web.as_("li_gong")


def test_every_clause_stands_in_the_list_in_the_order_of_the_source(page: Web, desk: Desk) -> None:
    text = page.get("/procedure/").text
    clauses = Register.of(desk.cases.current_library()).clauses
    places = [text.index(f'id="{clause}"') for clause in clauses]
    assert len(places) == 239
    assert places == sorted(places)
    assert "226 条中 226 条" in text


def test_every_clause_opens_in_both_languages_and_leads_only_to_pages_that_are_there(desk: Desk) -> None:
    web = desk.web.as_("li_gong")
    register = Register.of(desk.cases.current_library())
    web.post("/language", {"language": "en"})
    for clause in register.clauses.values():
        answer = web.get(f"/procedure/{clause.id}")
        assert answer.status_code == 200, clause.id
        assert clause.words.en in words(answer.text).replace("&#39;", "'").replace("&amp;", "&"), clause.id


def test_an_element_opens_its_diagram_at_the_element_and_leads_back(page: Web) -> None:
    clause = page.get("/procedure/R-048").text
    assert 'href="/processes/return_for_repair?element=inspect_part"' in clause
    diagram = page.get("/processes/return_for_repair?element=inspect_part").text
    assert '<tr id="inspect_part" class="chosen">' in diagram
    assert 'href="/procedure/R-048"' in diagram


def test_a_clause_names_rules_forms_and_tests(page: Web) -> None:
    text = page.get("/procedure/R-165").text
    assert 'href="/processes/tables/priority"' in text
    assert "tests/processes/test_service_case.py" in text
    assert 'href="/processes/forms/decide_closing"' in page.get("/procedure/R-039").text


def test_what_happened_is_counted_and_opens_the_cases_behind_it(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, "chen_min")
    desk.complete(number, "chen_min", **FAULT)
    web = desk.web.as_("li_gong")
    listed = web.get("/procedure/?search=R-006").text
    assert 'href="/procedure/R-006?period=2026-03&amp;verdict=executed"' in listed
    opened = web.get("/procedure/R-006?verdict=executed").text
    assert f'href="/cases/{number}#step-' in opened


def test_a_deadline_that_goes_off_is_a_breach(desk: Desk) -> None:
    number = desk.report()
    desk.web.clock.advance(hours=9)
    timers.fire_due(desk.cases, now=desk.web.clock())
    web = desk.web.as_("li_gong")
    assert f'href="/cases/{number}#step-' in web.get("/procedure/R-006?verdict=breached").text
    assert "没有发生" in words(web.get("/procedure/R-006?verdict=waived").text)


def test_nothing_of_an_earlier_month_is_counted_in_this_one(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("li_gong")
    assert number in web.get("/procedure/R-002?period=2026-03").text
    assert number not in web.get("/procedure/R-002?period=2026-02").text
    assert number in web.get("/procedure/R-002?period=2026").text


def test_a_case_that_is_kept_from_a_person_is_not_named_to_them(desk: Desk) -> None:
    number = desk.report()
    with desk.web.database.write() as tx:
        tx.execute(update(Case).where(Case.number == number).values(kept_out=["li_gong"]))
    text = desk.web.as_("li_gong").get("/procedure/R-002").text
    assert number not in text
    assert "另有 1" in words(text)
    assert number in desk.web.as_("chen_min").get("/procedure/R-002").text


@pytest.mark.parametrize(
    ("asked", "there", "gone"),
    [
        ("kind=permission", "R-040", "R-041"),
        ("status=cut_off", "R-231", "R-001"),
        ("search=呼叫中心 登记", "", "R-040"),
        ("search=R-04", "R-047", "R-050"),
        ("verdict=breached", "", "R-040"),
    ],
)
def test_the_list_narrows(page: Web, asked: str, there: str, gone: str) -> None:
    text = page.get(f"/procedure/?{asked}").text
    assert not there or f'id="{there}"' in text
    assert f'id="{gone}"' not in text


def test_what_is_cut_off_says_so_and_invents_nothing(page: Web) -> None:
    text = words(page.get("/procedure/R-231").text)
    assert "原文缺失" in text
    assert "只有标题" in text


@pytest.mark.parametrize("address", ["R-999", "nothing", "R-001?period=2030-01", "R-001?period=soon"])
def test_what_does_not_exist_is_not_found_in_words(page: Web, address: str) -> None:
    answer = page.get(f"/procedure/{address}")
    assert answer.status_code == 404
    assert "R-999" not in address or "请从条款列表中选择" in answer.text


def test_a_release_without_a_register_says_what_would_be_here(desk: Desk) -> None:
    desk.publish([f for f in read_folder(source_folder()) if f.path != CLAUSES], note="without clauses")
    assert "clauses.csv" in desk.web.as_("li_gong").get("/procedure/").text


def test_every_feature_is_a_page_or_a_command_that_is_there(web: Web) -> None:
    for name, feature in FEATURES.items():
        assert (feature.page is None) != (feature.command is None), name
        assert feature.page is None or feature.page in web.app.view_functions, name
        assert feature.command is None or feature.command in main.commands, name


def test_customers_see_the_hotline_that_the_company_made_public(make_app: MakeApp) -> None:
    page = make_app(hotline="400 010 0200").test_client().get("/portal/")
    assert 'href="tel:4000100200"' in page.text
    assert "服务和投诉电话" in page.text
    assert "tel:" not in make_app().test_client().get("/portal/").text


def test_the_page_is_a_place_of_the_navigation(page: Web) -> None:
    with page.app.test_request_context():
        address = url_for("clauses.index")
    assert f'href="{address}"' in page.get("/inbox/").text

"""Cases: opened once, found by any word, read at a glance, paused for a reason, verified by an auditor."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import update

from engine.acts import overview
from engine.acts.case_list import case_list
from engine.acts.queues import counts, inbox
from engine.foundation.models import Case
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, REPORT, TRIAGE, Desk, hidden, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def player(page: str) -> dict[str, object]:
    """The data of the diagram on a page."""
    found = re.search(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_people_open_a_case_through_the_start_form(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    assert "服务案例" in web.get("/cases/new").text
    answer = web.post("/cases/new/service_case", dict(REPORT), follow_redirects=True)
    assert answer.status_code == 200
    assert "SH-2026-000001" in answer.text


def test_a_double_submit_opens_one_case(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    key = hidden(web.get("/cases/new/service_case").text, "idempotency_key")
    form = {**REPORT, "idempotency_key": key}
    first, second = (web.post("/cases/new/service_case", form) for _ in range(2))
    assert first.location == second.location
    assert web.get("/cases/").text.count("data-item") == 1


def test_a_wrong_start_form_comes_back_with_what_was_typed(desk: Desk) -> None:
    answer = desk.web.as_("chen_min").post("/cases/new/service_case", {**REPORT, "customer": ""})
    assert answer.status_code == 422
    assert REPORT["description"] in answer.text
    assert "data-error-summary" in answer.text


def test_a_process_that_people_may_not_start_is_not_found(desk: Desk) -> None:
    assert desk.web.as_("chen_min").get("/cases/new/close_case").status_code == 404


@pytest.mark.parametrize("said", ["SH-2026-000001", "滨江", "画面中断", "7730214"])
def test_a_case_is_found_by_number_customer_title_or_serial(desk: Desk, said: str) -> None:
    desk.report()
    desk.report(customer="明德小学", description="网络存储告警", serial="SN-1")
    page = desk.web.as_("li_gong").get("/cases/", query_string={"search": said}).text
    assert "SH-2026-000001" in page
    assert "SH-2026-000002" not in page


@pytest.mark.parametrize("said", ["%", "_", "\\"])
def test_search_takes_signs_as_they_are(desk: Desk, said: str) -> None:
    desk.report()
    assert "没有与" in desk.web.as_("li_gong").get("/cases/", query_string={"search": said}).text


def test_cases_are_listed_newest_first_and_paged_by_key(desk: Desk) -> None:
    for _ in range(52):
        desk.web.clock.advance(seconds=1)
        desk.report()
    web = desk.web.as_("li_gong")
    first = web.get("/cases/").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = web.get(following[1].replace("&amp;", "&")).text
    assert first.index("SH-2026-000052") < first.index("SH-2026-000003")
    assert "SH-2026-000002" in second
    assert "SH-2026-000003" not in second


def test_filters_find_late_paused_and_ended_cases(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("li_gong")
    assert number not in web.get("/cases/?status=late").text
    desk.web.clock.advance(minutes=31)
    assert number in web.get("/cases/?status=late").text
    assert number in web.get("/cases/?group=call_center&due=late").text
    assert number not in web.get("/cases/?status=ended").text
    assert number not in web.get("/cases/?status=paused").text


def test_the_page_of_a_case_tells_title_facts_tasks_timers_and_history(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "chen_min", **TRIAGE)
    page = words(desk.web.as_("li_gong").get(f"/cases/{number}").text)
    for said in (
        number,
        REPORT["description"],
        REPORT["customer"],
        "SN-7730214",
        "受理案例",
        "完成: 鉴别请求",
        "首问: 陈敏",
    ):
        assert said in page


def test_no_raw_id_is_shown_in_either_language(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "chen_min", **FAULT)
    web = desk.web.as_("li_gong")
    for language in ("zh", "en"):
        web.client.set_cookie("language", language)
        shown = words(web.get(f"/cases/{number}").text)
        assert not re.findall(r"\b[a-z]+_[a-z_]+\b", shown), shown


def test_each_frame_tells_what_it_changed_and_where_the_case_stands(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "chen_min", **TRIAGE)
    data = player(desk.web.as_("li_gong").get(f"/cases/{number}").text)
    first, second = data["frames"]  # type: ignore[misc]
    assert first["marks"]["case_intake"]["active"] == ["triage"]
    assert "triage" in second["marks"]["case_intake"]["done"]
    assert second["marks"]["answer_question"]["active"]
    assert not set(first["marks"]["case_intake"]["taken"]) & set(second["marks"]["case_intake"]["taken"])
    assert data["start"] == "service_case"
    assert set(data["diagrams"]) == {"service_case"}  # type: ignore[call-overload]
    assert set(data["addresses"]) == {"case_intake", "answer_question"}  # type: ignore[call-overload]


def test_diagrams_speak_the_language_of_the_page(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("li_gong")
    web.client.set_cookie("language", "en")
    data = player(web.get(f"/cases/{number}").text)
    assert 'name="Service case"' in data["diagrams"]["service_case"]  # type: ignore[index]
    called = web.get(data["addresses"]["case_intake"])  # type: ignore[index]
    assert 'name="Identify the request"' in called.text
    assert "immutable" in called.headers["Cache-Control"]


def test_the_customers_clock_stops_for_an_allowed_reason_only(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("chen_min")
    refused = web.post(f"/cases/{number}/pause", {"reason": "waiting for parts"})
    assert refused.status_code == 422
    paused = web.post(f"/cases/{number}/pause", {"reason": "customer_information"}, follow_redirects=True)
    assert "等待客户提供信息" in paused.text
    again = web.post(f"/cases/{number}/pause", {"reason": "customer_information"})
    assert again.status_code == 409
    resumed = web.post(f"/cases/{number}/resume", follow_redirects=True)
    assert "客户时限已恢复计时" in resumed.text


def test_an_unknown_case_is_not_found_in_words(desk: Desk) -> None:
    answer = desk.web.as_("li_gong").get("/cases/SH-2026-999999")
    assert answer.status_code == 404
    assert "SH-2026-999999" in answer.text


def test_an_auditor_verifies_a_history_and_others_may_not(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "chen_min", **TRIAGE)
    page = desk.web.as_("shen_ji").get(f"/cases/{number}/verification").text
    assert "链完整: 全部 2 条事件与写入时一致" in page
    assert "相同的路径和数据" in page
    assert desk.web.as_("li_gong").get(f"/cases/{number}/verification").status_code == 403
    assert "核验此历史" not in desk.web.get(f"/cases/{number}").text


def test_an_empty_list_says_how_to_begin(desk: Desk) -> None:
    page = desk.web.as_("li_gong").get("/cases/").text
    assert "还没有案例" in page
    assert 'href="/cases/new"' in page


def test_a_case_that_is_kept_from_a_person_does_not_exist_for_them(desk: Desk) -> None:
    number = desk.report()
    with desk.web.database.write() as tx:
        tx.execute(update(Case).where(Case.number == number).values(kept_out=["li_gong"]))
    web = desk.web.as_("li_gong")
    assert web.get(f"/cases/{number}").status_code == 404
    assert all(number not in web.get(page).text for page in ("/cases/", "/timers"))
    assert number in desk.web.as_("wang_gong").get("/cases/").text


def test_what_is_kept_from_a_person_is_not_counted_for_them_either(desk: Desk) -> None:
    hidden_one, now = desk.report(), desk.web.clock.now
    desk.report()
    with desk.web.database.write() as tx:
        tx.execute(update(Case).where(Case.number == hidden_one).values(kept_out=["he_jie", "sun_jing"]))
    seen = {}
    for one in (desk.people["he_jie"], desk.people["chen_min"]):
        held = counts(desk.cases, actor=one, now=now)
        listed = inbox(desk.cases, actor=one, now=now, queue="groups")
        total = case_list(desk.cases, actor=one, now=now).total
        seen[one.id] = (held["groups_total"], listed.total, len(listed.rows), total)
    assert seen == {"he_jie": (1, 1, 1, 1), "chen_min": (2, 2, 2, 2)}
    figures = [
        overview.dashboard(desk.cases, actor=desk.people[id], now=now) for id in ("sun_jing", "chen_min")
    ]
    assert [(f.open_cases, f.open_tasks, f.days[-1].opened) for f in figures] == [(1, 1, 1), (2, 2, 2)]

"""The service report is a sheet of paper: everything of the visit, both languages, both copies."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk as Office
from engine.acts.simulation import Matter, SimulatedClock
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk

REPORTED: dict[str, Any] = {
    "channel": "phone",
    "customer": "明德小学",
    "description": "会议主机开机后画面中断",
}
SIGNATURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture
def visited(web: Web) -> Matter:
    """Engineer Li was on site; the customer has signed, and the report is to be written."""
    with web.database.write() as tx:
        furnish(tx, at=web.clock.now, random=Random(1))
    case = Office(Desk(web).cases, SimulatedClock(web.clock.now)).open(
        "service_case", by="chen_min", **REPORTED
    )
    case.do("triage", by="chen_min", kind="fault", nature="hardware", importance="medium", urgency="medium")
    case.do("accept_case", by="li_gong", decision="accept")
    case.do("analyse_fault", by="li_gong", next_step="on_site", severity="normal", nature="hardware")
    case.do("agree_solution", by="li_gong", agreed="yes")
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit", agreed_with="王老师")
    case.do("confirm_arrival", site_code="B-3", symptom_confirmed="yes")
    case.do("check_safety")
    case.do("repair_on_site", part="none", work="重新插接显示线缆")
    case.do("test_and_verify", result="pass")
    case.do("confirm_with_customer", confirmed="yes", confirmed_by="王老师", signature=SIGNATURE)
    return case


def address(case: Matter) -> str:
    return f"/cases/{case.number}/papers/service-report"


def test_before_it_is_written_there_is_nothing_to_print(visited: Matter, web: Web) -> None:
    member = web.as_("sun_jing")
    assert member.get(address(visited)).status_code == 404
    assert address(visited) not in member.get(f"/cases/{visited.number}").text


def test_the_sheet_tells_the_visit_in_both_languages_with_the_signature(visited: Matter, web: Web) -> None:
    visited.do("write_service_report", by="li_gong", leftovers="no", solution="更换线缆")
    member = web.as_("sun_jing")
    assert address(visited) in member.get(f"/cases/{visited.number}").text
    sheet = member.get(address(visited)).text
    for said in ("更换线缆", "重新插接显示线缆", "王老师", "B-3", "明德小学", SIGNATURE):
        assert said in sheet
    for label in ("服务报告", "Service report", "测试结果", "Test result", "Not acknowledged yet"):
        assert label in sheet


def test_both_copies_stand_on_it_once_they_are_acknowledged(visited: Matter, web: Web) -> None:
    visited.do("write_service_report", by="li_gong", leftovers="no")
    visited.do("review_as_service_department", by="sun_jing", decision="accept")
    visited.do("review_as_call_center", by="chen_min", decision="accept")
    sheet = web.as_("sun_jing").get(address(visited)).text
    assert "Not acknowledged yet" not in sheet
    assert "孙静" in sheet and "陈敏" in sheet

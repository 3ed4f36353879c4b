"""The service report is a sheet of paper: everything of the visit, both languages, both copies."""

from __future__ import annotations

import pytest

from engine.acts.simulation import Matter
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk
from tests.webapp.visits import SIGNATURE, visit


@pytest.fixture
def visited(web: Web) -> Matter:
    """The report of a visit is to be written."""
    return visit(Desk(web).cases, web.clock)


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

"""People and groups: everybody may look, administrators may change, and nothing typed is lost on a refusal."""

from __future__ import annotations

import re

import pytest

from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words

NEW = {"login": "gao_yuan", "name": "高远", "groups": ["call_center"], "skills": "network software"}


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def test_people_are_listed_with_groups_skills_and_load(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    page = words(desk.web.as_("li_gong").get("/people/").text)
    assert re.search(r"何洁 he_jie 用户服务呼叫中心 1", page), page
    assert "硬件 · 网络" in page


def test_a_group_and_a_name_narrow_the_list(desk: Desk) -> None:
    web = desk.web.as_("li_gong")
    page = words(web.get("/people/?group=purchasing").text)
    assert "韩彩" in page
    assert "陈敏" not in page
    assert "陈敏" in words(web.get("/people/?q=chen").text)
    assert "没有与“zzz”相符的人员" in web.get("/people/?q=zzz").text


def test_an_administrator_adds_a_person_who_can_then_work(desk: Desk) -> None:
    number = desk.report()
    added = desk.web.as_("guan_li").post("/people/new", dict(NEW), follow_redirects=True)
    assert "已添加高远" in added.text
    assert number in desk.web.as_("gao_yuan").get("/inbox/groups").text


def test_a_refused_person_comes_back_with_what_was_typed(desk: Desk) -> None:
    answer = desk.web.as_("guan_li").post("/people/new", {**NEW, "login": "Gao Yuan"})
    assert answer.status_code == 422
    assert 'value="高远"' in answer.text
    assert 'value="call_center" checked' in answer.text
    taken = desk.web.post("/people/new", {**NEW, "login": "li_gong"})
    assert taken.status_code == 409


def test_only_administrators_may_change_people(desk: Desk) -> None:
    web = desk.web.as_("li_gong")
    assert web.post("/people/new", dict(NEW)).status_code == 403
    assert web.post("/people/chen_min", {"groups": ["administrator"]}).status_code == 403
    assert "添加人员" not in web.get("/people/").text


def test_groups_and_skills_are_replaced(desk: Desk) -> None:
    web = desk.web.as_("guan_li")
    saved = web.post(
        "/people/li_gong",
        {"groups": ["technical_specialist"], "skills": "software", "active": "1"},
        follow_redirects=True,
    )
    assert "已保存" in saved.text
    page = words(desk.web.as_("chen_min").get("/people/li_gong").text)
    assert "技术专员" in page
    assert "软件" in page
    assert "服务工程师" not in page.partition("李工")[2]


def test_whoever_leaves_cannot_sign_in_any_more(desk: Desk) -> None:
    desk.web.as_("guan_li").post("/people/li_gong", {"groups": ["service_engineer"], "skills": ""})
    assert "已离职" in desk.web.get("/people/").text
    assert desk.web.as_("li_gong").get("/people/").status_code == 302


def test_people_record_their_own_absence_and_who_stands_in(desk: Desk) -> None:
    web = desk.web.as_("he_jie")
    given = {"from": "2026-03-02", "to": "2026-03-04", "substitute": "chen_min", "reason": "培训"}
    answer = web.post("/people/he_jie/absences", given, follow_redirects=True)
    assert "由陈敏代理" in answer.text
    assert "培训" in answer.text
    listed = web.get("/people/").text
    assert "缺勤至" in listed
    ending = re.search(r'action="(/people/he_jie/absences/[^"]+/end)"', answer.text)
    assert ending
    assert "没有缺勤记录" in web.post(ending[1], follow_redirects=True).text


def test_an_impossible_absence_is_refused_with_the_dates_kept(desk: Desk) -> None:
    web = desk.web.as_("he_jie")
    backwards = web.post("/people/he_jie/absences", {"from": "2026-03-04", "to": "2026-03-02"})
    assert backwards.status_code == 422
    assert 'value="2026-03-04"' in backwards.text
    assert web.post("/people/he_jie/absences", {"from": "", "to": ""}).status_code == 422


def test_nobody_records_the_absence_of_a_colleague(desk: Desk) -> None:
    given = {"from": "2026-03-02", "to": "2026-03-04"}
    assert desk.web.as_("he_jie").post("/people/chen_min/absences", given).status_code == 403


def test_an_unknown_person_is_not_found(desk: Desk) -> None:
    assert desk.web.as_("he_jie").get("/people/nobody").status_code == 404

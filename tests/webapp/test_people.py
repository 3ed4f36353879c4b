"""People and groups: everybody may look, administrators may change, and nothing typed is lost on a refusal."""

from __future__ import annotations

import re

import pytest

from engine.desk.registers import REGISTERS, add
from engine.foundation.security import SYSTEM
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


def test_known_skills_are_ticked_and_others_are_written_beside_them(desk: Desk) -> None:
    web = desk.web.as_("guan_li")
    web.post(
        "/people/li_gong",
        {"groups": ["service_engineer"], "skills": ["network", "storage, database"], "active": "1"},
    )
    page = web.get("/people/li_gong").text
    for skill in ("network", "storage", "database"):
        assert re.search(rf'type="checkbox" name="skills" value="{skill}" checked', page)
    assert not re.search(r'name="skills" value="hardware" checked', page)
    assert "网络" in words(page) and 'id="more_skills" name="skills" value=""' in page


def test_region_name_and_address_are_set_and_wrong_ones_come_back(desk: Desk) -> None:
    web = desk.web.as_("guan_li")
    with web.database.write() as tx:
        east = add(tx, REGISTERS["region"], {"name": "华东"}, actor=SYSTEM, at=web.clock())
        add(tx, REGISTERS["region"], {"name": "上海", "parent_id": "华东"}, actor=SYSTEM, at=web.clock())
    assert "华东 / 上海" in words(web.get("/people/li_gong").text)
    given = {"name": "李功", "email": "li@a.example", "phone": "138", "region": str(east), "active": "1"}
    kept = {"groups": ["service_engineer"], "active_shown": "1"}
    refused = web.post("/people/li_gong", {**given, **kept, "email": "nobody"})
    assert refused.status_code == 422 and 'value="nobody"' in refused.text and 'value="李功"' in refused.text
    assert web.post("/people/li_gong", {**given, **kept, "region": "x"}).status_code == 422
    page = web.post("/people/li_gong", {**given, **kept}, follow_redirects=True).text
    assert "li_gong · li@a.example · 138 · 华东" in words(page)
    assert f'value="{east}" selected' in page
    seen = words(desk.web.as_("he_jie").get("/people/li_gong").text)
    assert "区域 华东" in seen
    web.as_("guan_li").post("/people/li_gong", {**given, **kept, "region": ""})
    assert "区域 总部" in words(desk.web.as_("he_jie").get("/people/li_gong").text)


def test_a_person_shows_their_coming_duties(desk: Desk) -> None:
    web = desk.web.as_("tang_lei")
    assert "未来两周没有值班" in web.get("/people/tang_lei").text
    duty = {"group_id": "duty_engineer", "person": "tang_lei"}
    hours = {"starts_at": "2026-03-03 08:00", "ends_at": "2026-03-03 20:00"}
    with web.database.write() as tx:
        add(tx, REGISTERS["duty"], {**duty, **hours}, actor=SYSTEM, at=web.clock())
    page = web.get("/people/tang_lei").text
    assert "2026-03-03 08:00 – 2026-03-03 20:00" in words(page) and "/duty/?group=duty_engineer" in page


def test_an_absence_is_changed_where_it_stands(desk: Desk) -> None:
    web = desk.web.as_("he_jie")
    given = {"from": "2026-03-04", "to": "2026-03-05", "substitute": "chen_min", "reason": "培训"}
    page = web.post("/people/he_jie/absences", given, follow_redirects=True).text
    found = re.search(r'action="(/people/he_jie/absences/[0-9a-f-]+)"', page)
    assert found and 'value="2026-03-05"' in page and 'value="chen_min" selected' in page
    changed = {"from": "2026-03-04", "to": "2026-03-06", "substitute": "", "reason": "进修"}
    page = web.post(found[1], changed, follow_redirects=True).text
    assert 'value="2026-03-06"' in page and "无人代理" in page and "进修" in page
    assert web.post(found[1], {**changed, "to": "2026-03-01"}).status_code == 422
    assert desk.web.as_("li_gong").post(found[1], changed).status_code == 403


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

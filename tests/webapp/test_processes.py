"""Processes, tables, forms and releases: what is published can be read by everybody, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.acts.limit_names import limit_names
from engine.acts.publishing import read_folder
from engine.acts.status_names import status_name
from engine.foundation.settings import source_folder
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words
from webapp.words import KINDS


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def test_every_process_table_and_form_of_the_release_is_listed_and_opens(desk: Desk) -> None:
    web = desk.web.as_("li_gong")
    page = web.get("/processes/").text
    library = desk.cases.current_library()
    for kind, ids in (("", library.diagrams), ("tables/", library.tables), ("forms/", library.forms)):
        for one in ids:
            assert f'href="/processes/{kind}{one}"' in page
            assert web.get(f"/processes/{kind}{one}").status_code == 200, one


def test_a_process_page_shows_elements_with_clauses_groups_forms_and_limits(desk: Desk) -> None:
    desk.report()
    page = words(desk.web.as_("li_gong").get("/processes/case_intake").text)
    for said in ("鉴别请求", "用户服务呼叫中心", "R-007", "表单", "时限“鉴别请求”的 100 %"):
        assert said in page


def test_a_decision_table_reads_as_rows_with_unconfirmed_values_marked(desk: Desk) -> None:
    page = words(desk.web.as_("li_gong").get("/processes/tables/limits").text)
    assert "待公司确认" in page
    assert "首行命中" in page
    assert "Cell(" not in page
    assert '"triage"' not in page


def test_a_form_preview_sends_nothing(desk: Desk) -> None:
    page = desk.web.as_("li_gong").get("/processes/forms/triage").text
    preview = page.partition("data-preview")[2].partition("</form>")[0]
    assert "请求性质" in preview
    assert 'method="post"' not in preview


def test_a_release_shows_what_changed_line_by_line(desk: Desk) -> None:
    files = read_folder(source_folder())
    changed = [
        replace(f, content=f.content.replace("鉴别请求".encode(), "分清请求".encode()))
        if f.path == "forms/triage.json"
        else f
        for f in files
        if f.path != "forms/recover_customer.json"
    ]
    desk.publish(changed, note="鉴别改名")
    web = desk.web.as_("li_gong")
    assert "鉴别改名" in web.get("/processes/releases").text
    page = web.get("/processes/releases/2").text
    assert "forms/triage.json" in page
    assert "+  &#34;title&#34;: &#34;分清请求&#34;" in page
    assert "forms/recover_customer.json" in page


def test_a_release_tells_in_words_what_became_of_steps_rows_and_fields(desk: Desk) -> None:
    changes = {
        "processes/limits.dmn": ("<text>30</text>", "<text>45</text>"),
        "processes/case_dispatch.bpmn": ('name="接受派工"', 'name="确认接单"'),
        "processes/case_rating.bpmn": ("coverage = entitlement()", "coverage = 1 + 1"),
        "forms/triage.json": ('"title": "请求性质"', '"title": "请求类别"'),
    }
    files = read_folder(source_folder())
    changed = [
        replace(f, content=f.content.replace(*(word.encode() for word in changes[f.path]), 1))
        if f.path in changes
        else f
        for f in files
    ]
    desk.publish(changed)
    page = words(desk.web.as_("xie_liu").get("/processes/releases/2").text)
    for said in ("决策表“时限”", "第 1 行 (鉴别请求 (7×24 小时)): 分钟 30 → 45", "流程图“派出工程师”"):
        assert said in page
    assert "“接受派工”改称“确认接单”" in page and "“请求性质”改称“请求类别”" in page
    assert "“核对合同与保修”有改动" in page and "只改动了图形" not in page
    desk.web.client.set_cookie("language", "en")
    page = words(desk.web.get("/processes/releases/2").text)
    assert "“Accept the case” is now called “确认接单” in Chinese" in page
    assert "Minutes 30 → 45" in page and "connections" not in page


def test_a_diagram_of_which_only_the_drawing_changed_says_so(desk: Desk) -> None:
    files = read_folder(source_folder())
    moved = [
        replace(f, content=f.content.replace(b'<dc:Bounds x="', b'<dc:Bounds x="1'))
        if f.path == "processes/complaint.bpmn"
        else f
        for f in files
    ]
    desk.publish(moved)
    assert "只改动了图形" in words(desk.web.as_("xie_liu").get("/processes/releases/2").text)


def test_an_older_release_can_still_be_read(desk: Desk) -> None:
    files = read_folder(source_folder())
    desk.publish([f for f in files if f.path != "processes/dispatch.dmn"], note="without a table")
    web = desk.web.as_("li_gong")
    assert web.get("/processes/tables/dispatch").status_code == 404
    assert web.get("/processes/tables/dispatch?release=1").status_code == 200


@pytest.mark.parametrize("path", ["nothing", "tables/nothing", "forms/nothing", "releases/99"])
def test_what_is_not_published_is_not_found_in_words(desk: Desk, path: str) -> None:
    answer = desk.web.as_("li_gong").get(f"/processes/{path}")
    assert answer.status_code == 404
    assert "请从流程列表中选择" in answer.text


def test_every_limit_and_status_of_the_procedures_has_words(desk: Desk) -> None:
    elements = [e for d in desk.cases.current_library().diagrams.values() for e in d.elements.values()]
    limits = {e.limit[0] for e in elements if e.limit} | {
        clock for e in elements for clock in e.properties.get("stops", "").split()
    }
    statuses = {e.properties["status"] for e in elements if "status" in e.properties}
    assert limits <= set(limit_names(desk.cases.current_library()))
    library = desk.cases.current_library()
    assert all(status_name(library, status).en != status.replace("_", " ") for status in statuses)
    assert {e.kind for e in elements} <= set(KINDS)

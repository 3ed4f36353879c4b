"""Reports: every figure opens down to its cases, is explained in words, and can be taken along."""

from __future__ import annotations

import io
import json
import re
from datetime import date

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import insert

from engine.foundation.ids import new_id
from engine.foundation.models import Contract, Customer
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, REPORT, Desk, words
from webapp import reports

MARCH = "/reports/2026-03"
RATE = f"{MARCH}/figures/timely_repair_rate"


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


@pytest.fixture
def fault(desk: Desk) -> str:
    """A fault of March under contract that nobody has repaired; it is the 2nd of March."""
    customer = new_id(desk.web.clock())
    with desk.web.database.write() as tx:
        tx.execute(insert(Customer).values(id=customer, name=REPORT["customer"], language="zh"))
        owed = {"id": customer, "customer_id": customer, "number": "HT-1", "coverage": "gold"}
        term = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
        tx.execute(insert(Contract).values(**owed, **term))
    number = desk.report()
    desk.complete(number, "chen_min", **FAULT)
    return number


@pytest.fixture
def april(desk: Desk, fault: str) -> str:
    """The month is over, and the fault has gone the way of its own limits; nothing is published yet."""
    desk.web.clock.advance(days=32)
    return fault


def test_the_reports_begin_with_the_month_that_is_over(desk: Desk, april: str) -> None:
    answer = desk.web.as_("sun_jing").get("/reports/")
    assert answer.status_code == 302 and answer.location.endswith("2026-03")


def test_a_report_names_each_figure_with_value_version_and_definition(desk: Desk, fault: str) -> None:
    page = desk.web.as_("sun_jing").get(MARCH).text
    said = words(page)
    for expected in (
        "月报 2026-03",
        "故障修复及时率",
        "未到时限",
        "版本 1",
        "R-111",
        "待公司确认",
        "本期未结束" if False else "截至",
    ):
        assert expected in said, expected
    assert f'href="{RATE}"' in page
    desk.web.post("/language", {"language": "en", "next": MARCH})
    english = words(desk.web.get(MARCH).text)
    for expected in ("Monthly report 2026-03", "Timely repair rate", "Not yet due", "to be confirmed"):
        assert expected in english, expected


def test_a_figure_opens_down_to_its_cases_by_how_they_counted(desk: Desk, fault: str) -> None:
    page = desk.web.as_("sun_jing").get(RATE).text
    assert f'href="/cases/{fault}"' in page
    assert f'href="/cases/{fault}"' in desk.web.get(f"{RATE}?part=not_due").text
    assert f'href="/cases/{fault}"' not in desk.web.get(f"{RATE}?part=kept").text
    assert desk.web.get(f"{MARCH}/figures/nothing").status_code == 404


def test_a_long_list_of_cases_is_turned_page_by_page(
    desk: Desk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "SHOWN", 2)
    numbers = [fault, *(desk.report() for _ in range(2))]
    reported = f"{MARCH}/figures/fault_reports"
    first = desk.web.as_("sun_jing").get(reported).text
    second = desk.web.get(f"{reported}?after=2").text
    onward = f'href="{reported}?after=2"'
    assert onward in first and onward not in second and f'href="{reported}"' in second
    for number in numbers:
        assert (f"/cases/{number}" in first) != (f"/cases/{number}" in second)


def test_charts_hold_the_figures_of_the_tables(desk: Desk, fault: str) -> None:
    desk.report(channel="email")
    page = desk.web.as_("sun_jing").get(MARCH).text
    options = dict(
        re.findall(r'<script type="application/json" id="([^"]+)">(.*?)</script>', page, re.DOTALL)
    )
    reports = json.loads(options["rows-fault_reports"])
    assert reports["series"][0]["data"] == [1, 1] and set(reports["yAxis"]["data"]) == {"电话", "电子邮件"}
    for chart in options.keys() - {"words"}:
        assert f'data-chart="{chart}" role="img"' in page


def test_a_year_shows_its_months(desk: Desk, april: str) -> None:
    desk.web.as_("yang_zhi").post(f"{MARCH}/publish")
    page = desk.web.get("/reports/2026").text
    assert 'href="/reports/2026-03"' in page and 'href="/reports/2026-05"' not in page
    assert "逐月" in words(page)


def test_quality_control_publishes_a_month_that_is_over(desk: Desk, april: str) -> None:
    assert "发布" not in _buttons(desk.web.as_("li_gong").get(MARCH).text)
    assert desk.web.post(f"{MARCH}/publish").status_code == 403
    assert "发布" in _buttons(desk.web.as_("yang_zhi").get(MARCH).text)
    page = words(desk.web.post(f"{MARCH}/publish", follow_redirects=True).text)
    assert "已发布" in page
    assert "发布" not in _buttons(desk.web.get(MARCH).text)


def test_a_published_figure_is_replaced_through_the_pages_by_two_signatures(desk: Desk, april: str) -> None:
    web = desk.web.as_("yang_zhi")
    web.post(f"{MARCH}/publish")
    assert "没有变化" in words(web.get(f"{MARCH}/differences").text)
    _cancel(desk, april)
    page = web.get(f"{MARCH}/differences").text
    assert april in page
    web.post(f"{RATE}/change", {"reason": "客户已撤回申告"})
    found = re.search(r'action="(/reports/changes/[^"]+/sign)"', web.get("/reports/changes").text)
    assert found
    assert web.post(found[1]).status_code == 303
    assert web.post(found[1]).status_code == 403
    assert desk.web.as_("li_gong").post(found[1]).status_code == 403
    assert "action=" not in re.sub(
        r'action="/(language|sign-out|auth)[^"]*"', "", _main(desk.web.get("/reports/changes").text)
    )
    desk.web.as_("zhou_fu").post(found[1])
    said = words(desk.web.get(RATE).text)
    assert "客户已撤回申告" in said and "杨志" in said and "周福" in said
    assert "没有等待" in words(desk.web.get("/reports/changes").text)


def test_a_report_is_taken_along_as_a_workbook_and_as_text(desk: Desk, fault: str) -> None:
    web = desk.web.as_("sun_jing")
    book = openpyxl.load_workbook(io.BytesIO(web.get(f"{MARCH}/report.xlsx").data))
    assert book.sheetnames == ["指标", "明细表", "定义"]
    titles = [row[1].value for row in book["指标"].iter_rows(min_row=2)]
    assert titles[0] == "故障修复及时率" and len(titles) == len(list(book["定义"].iter_rows(min_row=2)))
    answer = web.get(f"{MARCH}/report.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shouhou-2026-03.csv"'
    assert answer.data.decode("utf-8-sig").splitlines()[1].split(",")[1] == "故障修复及时率"
    assert fault in web.get(f"{RATE}/cases.csv").data.decode("utf-8-sig")


def test_the_definition_of_a_version_opens_from_the_report_and_from_the_figure(
    desk: Desk, fault: str
) -> None:
    page = desk.web.as_("sun_jing").get(MARCH).text
    address = "/reports/definitions/timely_repair_rate/1"
    assert f'href="{address}"' in page and f'href="{address}"' in desk.web.get(RATE).text
    said = words(desk.web.get(address).text)
    for expected in ("故障修复及时率", "版本 1", "R-111", "待公司确认", "发布版本 1"):
        assert expected in said, expected
    assert desk.web.get("/reports/definitions/timely_repair_rate/9").status_code == 404
    assert desk.web.get("/reports/definitions/nothing/1").status_code == 404


def test_periods_that_are_none_or_lie_ahead_are_not_found(desk: Desk) -> None:
    web = desk.web.as_("sun_jing")
    for period in ("2026-13", "2027", "2026-04", "tomorrow"):
        assert web.get(f"/reports/{period}").status_code == 404, period


def test_a_report_prints_on_a4_without_what_only_a_screen_needs(desk: Desk, fault: str) -> None:
    page = desk.web.as_("sun_jing").get(MARCH).text
    assert re.search(r'class="task-links no-print"', page)


def _cancel(desk: Desk, number: str) -> None:
    case_id = desk.task(number).case_id
    with desk.cases.step(case_id, actor=desk.people.xie_liu, now=desk.web.clock()) as step:
        step.cancel(reason="客户已撤回申告")


def _main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def _buttons(page: str) -> str:
    return " ".join(re.findall(r"<button[^>]*data-primary[^>]*>(.*?)</button>", page))

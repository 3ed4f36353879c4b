"""While a report is typed: the registers fill it in, an announced fault and what happened before stand beside it."""

from __future__ import annotations

import html
import json
import re
from random import Random

import pytest
from sqlalchemy import insert, select, update

from engine.acts.demo.world import furnish
from engine.desk import bulletins
from engine.desk.registers.fields import Hand
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Customer
from engine.foundation.models.registers import Contact
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words

SERIAL, CUSTOMER, MODEL = "SW7-5500127", "华东第三医院", "SW-7600"


@pytest.fixture
def desk(web: Web) -> Desk:
    """A desk whose registers know ten customers."""
    with web.database.write() as tx:
        furnish(tx, at=web.clock.now, random=Random(1))
    return Desk(web)


def announce(desk: Desk, **values: object) -> None:
    """Make something known to all, as the diagram of platform faults does."""
    with desk.web.database.write() as tx:
        hand = Hand(desk.people["chen_min"], desk.web.clock.now)
        bulletins.announce(tx, case_number="SH-2026-000099", values={"advice": "请稍候", **values}, hand=hand)


def filled(page: str) -> dict[str, str]:
    """What the page says the registers know."""
    found = re.search(r'data-fill="([^"]*)"', page)
    assert found
    return json.loads(html.unescape(found[1]))  # type: ignore[no-any-return]


def test_the_start_form_offers_customers_serial_numbers_and_models(desk: Desk) -> None:
    page = desk.web.as_("chen_min").get("/cases/new/service_case").text
    for known in (CUSTOMER, SERIAL, MODEL):
        assert f'<option value="{known}">' in page
    assert 'list="f-serial-known"' in page


def folded(page: str) -> tuple[bool, str]:
    """Whether the optional fields lie open, and what lies there."""
    found = re.search(r'<details class="folded"( open)?>(.*?)</details>', page, re.DOTALL)
    assert found
    return found[1] is not None, found[2]


def test_optional_fields_lie_behind_a_word_until_one_is_filled_in_or_wrong(desk: Desk) -> None:
    """Nothing but HTML: it works without scripts."""
    web = desk.web.as_("chen_min")
    is_open, inside = folded(web.get("/cases/new/service_case").text)
    assert not is_open and 'name="phone"' in inside and 'name="description"' not in inside
    said = {"channel": "phone", "customer": CUSTOMER, "description": ""}
    assert not folded(web.post("/cases/new/service_case", said).text)[0]
    for more in ({"location": "三楼机房"}, {"occurred_at": "yesterday"}):
        assert folded(web.post("/cases/new/service_case", {**said, **more}).text)[0]


def test_a_form_that_asks_for_no_device_offers_nothing(desk: Desk) -> None:
    page = desk.web.as_("chen_min").get("/cases/new/quality_assessment").text
    assert "intake-matches" not in page and "datalist" not in page


@pytest.mark.parametrize(
    ("field", "said", "found"),
    [("customer", "第三", CUSTOMER), ("serial", "sw-76", SERIAL), ("model", "76", MODEL)],
)
def test_a_field_finds_more_as_one_types(desk: Desk, field: str, said: str, found: str) -> None:
    web = desk.web.as_("chen_min")
    assert f'value="{found}"' in web.get(f"/intake/known/{field}", query_string={field: said}).text
    assert web.get(f"/intake/known/{field}", query_string={field: "%"}).text.strip() == ""
    assert web.get("/intake/known/password").status_code == 404


def test_contacts_are_those_of_the_customer_and_for_those_who_may_see_them(desk: Desk) -> None:
    with desk.web.database.write() as tx:
        owner = tx.execute(select(Customer.id).where(Customer.name == CUSTOMER)).scalar_one()
        tx.execute(insert(Contact).values(id=new_id(desk.web.clock.now), customer_id=owner, name="钱医生"))
    asked = {"customer": CUSTOMER, "contact": ""}
    assert "钱医生" in desk.web.as_("chen_min").get("/intake/known/contact", query_string=asked).text
    assert "钱医生" not in desk.web.as_("xie_liu").get("/intake/known/contact", query_string=asked).text


def test_a_serial_number_gives_customer_model_and_contact(desk: Desk) -> None:
    page = desk.web.as_("chen_min").post("/intake/matches", {"serial": SERIAL}).text
    assert filled(page).items() >= {"customer": CUSTOMER, "model": MODEL, "contact": "顾明远"}.items()


def test_without_scripts_blank_fields_are_filled_in_when_the_report_is_sent(desk: Desk) -> None:
    said = {"channel": "phone", "serial": SERIAL, "description": "端口时断时续", "contact": "值班护士"}
    page = desk.web.as_("chen_min").post("/cases/new/service_case", said, follow_redirects=True)
    assert page.status_code == 200
    with desk.web.database.read() as tx:
        facts = tx.execute(select(Case.facts)).scalar_one()
    assert (facts["customer"], facts["model"], facts["contact"]) == (CUSTOMER, MODEL, "值班护士")


def test_an_announced_platform_fault_is_shown_while_one_types(desk: Desk) -> None:
    announce(desk, kind="platform_fault", title="华东专线中断", area="", symptoms="断线", models="")
    web = desk.web.as_("chen_min")
    told = words(web.post("/intake/matches", {"description": "从早上起一直断线"}).text)
    assert "华东专线中断" in told and "SH-2026-000099" in told
    assert "华东专线中断" not in web.post("/intake/matches", {"description": "打印机缺纸"}).text


def test_a_task_shows_earlier_cases_of_the_device_and_known_errors(desk: Desk) -> None:
    first = desk.report(serial=SERIAL, customer=CUSTOMER, description="端口风暴")
    hidden = desk.report(serial=SERIAL, customer=CUSTOMER, description="保密的投诉")
    with desk.web.database.write() as tx:
        tx.execute(update(Case).where(Case.number == hidden).values(kept_out=["chen_min"]))
    announce(desk, kind="known_error", title="固件 2.1 端口风暴", area="", symptoms="端口", models=MODEL)
    now = desk.report(serial=SERIAL, customer=CUSTOMER, description="端口又断了")
    page = words(desk.web.as_("chen_min").get(desk.url(now)).text)
    assert "端口风暴" in page and "同一设备" in page and "固件 2.1 端口风暴" in page
    assert "保密的投诉" not in page
    assert f"/cases/{first}" in desk.web.get(desk.url(now)).text


def test_a_task_with_nothing_alike_shows_no_empty_card(desk: Desk) -> None:
    number = desk.report()
    assert 'class="card2 similar"' not in desk.web.as_("chen_min").get(desk.url(number)).text

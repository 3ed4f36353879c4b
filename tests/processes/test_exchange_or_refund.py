"""Exchange or refund: judged by the warranty rules from age and repairs, decided by the manager, explained in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine.acts.open_task import open_task
from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Repair
from tests.conftest import MONDAY
from tests.processes import ways
from tests.processes.conftest import GOLD, Company, Story

SERIAL = "VC9-7730214"


def owned(desk: Company, *, kind: str = "individual", bought_on: date = date(2025, 9, 1)) -> None:
    """The customer's device is registered, with its class and its date of purchase."""
    with desk.cases.database.write() as tx:
        customer = tx.execute(select(Customer.id).where(Customer.name == GOLD)).scalar_one()
        tx.execute(update(Customer).where(Customer.id == customer).values(kind=kind))
        tx.execute(
            insert(Asset).values(
                id=new_id(MONDAY),
                customer_id=customer,
                model="VC-900",
                serial=SERIAL,
                name="视频会议主机",
                asset_class="video",
                bought_on=bought_on,
                status="in_service",
            )
        )


def repaired(desk: Company, number: int, began: date, ended: date) -> None:
    row = {"id": new_id(MONDAY), "serial": SERIAL, "case_number": f"SH-2025-{number:06d}", "revision": 1}
    with desk.cases.database.write() as tx:
        tx.execute(insert(Repair).values(**row, began_on=began, ended_on=ended))


def asked(desk: Company) -> Story:
    said: dict[str, Any] = {
        "channel": "phone",
        "customer": GOLD,
        "description": "修过两次仍黑屏",
        "serial": SERIAL,
    }
    return desk.open("exchange_or_refund", by="chen_min", **said)


def examined(desk: Company, **found: Any) -> Story:
    case = asked(desk)
    shown = prefilled(desk, case, "examine_claim")
    case.do("examine_claim", by="chen_min", **{"defect": "performance", **shown, **found})
    return case


def prefilled(desk: Company, case: Story, element: str) -> dict[str, Any]:
    task = case.task(element)
    opened = open_task(
        desk.cases, case.number, task.id, actor=desk.actor(case.who(element)), now=desk.clock.now
    )
    return dict(opened.answers)


def test_the_ledger_tells_age_repairs_and_days_of_the_device(desk: Company) -> None:
    owned(desk)
    repaired(desk, 1, date(2025, 10, 1), date(2025, 10, 11))
    repaired(desk, 2, date(2026, 1, 5), date(2026, 1, 12))
    shown = prefilled(desk, asked(desk), "examine_claim")
    assert shown == {
        "product_class": "video",
        "customer_kind": "individual",
        "bought_on": "2025-09-01",
        "repairs": 2,
        "repair_days": 17,
    }


def test_two_repairs_within_the_warranty_lead_to_an_exchange_explained_in_words(desk: Company) -> None:
    owned(desk)
    repaired(desk, 1, date(2025, 10, 1), date(2025, 10, 11))
    repaired(desk, 2, date(2026, 1, 5), date(2026, 1, 12))
    case = examined(desk)
    shown = prefilled(desk, case, "decide_remedy")
    assert shown["remedy"] == "exchange" and "维修两次" in shown["explanation"]
    case.do("decide_remedy", by="sun_jing", **shown)
    assert case.told("remedy_decided") == ["customer"]
    case.do("exchange_product", by="han_cai")
    assert (case.outcome, case.status) == ("product_exchanged", "completed")


def test_a_failure_in_the_first_week_is_refunded(desk: Company) -> None:
    owned(desk, bought_on=date(2026, 2, 26))
    case = examined(desk)
    case.do("decide_remedy", by="sun_jing", **prefilled(desk, case, "decide_remedy"))
    case.do("refund_money", by="qin_xiao")
    assert case.outcome == "money_refunded"


def test_an_organisation_is_served_by_other_rules_than_an_individual(desk: Company) -> None:
    owned(desk, kind="organisation", bought_on=date(2026, 2, 26))
    case = examined(desk)
    assert prefilled(desk, case, "decide_remedy")["remedy"] == "exchange"


@pytest.mark.parametrize(
    ("found", "remedy", "outcome"),
    [({}, "repair", "repair_owed"), ({"defect": "damaged"}, "none", "claim_declined")],
)
def test_what_is_neither_exchanged_nor_refunded_is_repaired_or_declined(
    desk: Company, found: dict[str, str], remedy: str, outcome: str
) -> None:
    owned(desk)
    case = examined(desk, **found)
    shown = prefilled(desk, case, "decide_remedy")
    assert shown["remedy"] == remedy
    case.do("decide_remedy", by="sun_jing", **shown)
    assert case.outcome == outcome


def test_an_exchange_asked_for_at_intake_may_become_a_repair(desk: Company) -> None:
    case = desk.report(GOLD, serial=SERIAL)
    case.do(
        "triage", by="chen_min", kind="exchange", nature="hardware", severity="normal", **ways.GRADES["P3"]
    )
    assert case.held("exchange_taken") and case.status == "examining"
    case.do("examine_claim", defect="performance", customer_kind="individual", bought_on="2025-12-01")
    case.do("decide_remedy", by="sun_jing", remedy="repair")
    assert case.tasks == ["accept_case"]


def test_an_exchange_at_intake_ends_the_case(desk: Company) -> None:
    case = desk.report(GOLD, serial=SERIAL)
    case.do(
        "triage", by="chen_min", kind="exchange", nature="hardware", severity="normal", **ways.GRADES["P3"]
    )
    case.do("examine_claim", customer_kind="individual", bought_on="2026-03-01")
    case.do("decide_remedy", by="sun_jing", remedy="exchange")
    case.do("exchange_product", by="han_cai")
    assert (case.outcome, case.status) == ("exchange_closed", "completed")


def test_a_claim_made_from_within_the_repair_and_declined_leads_back_to_the_analysis(desk: Company) -> None:
    case = ways.analysed(desk, "exchange")
    case.do("examine_claim", by="chen_min")
    case.do("decide_remedy", by="sun_jing", remedy="none")
    assert case.held("claim_declined") and case.tasks == ["analyse_fault"]
    ways.agree(case, "phone", by="li_gong")
    assert case.tasks == ["advise_by_phone"]


def test_what_cannot_be_repaired_is_exchanged_from_within_the_repair(desk: Company) -> None:
    case = ways.analysed(desk, "exchange")
    case.do("examine_claim", by="chen_min", defect="not_repairable", bought_on="2025-12-01")
    case.do("decide_remedy", by="sun_jing", remedy="exchange")
    case.do("exchange_product", by="han_cai")
    assert case.held("exchanged_or_refunded") and case.tasks == ["write_result"]


def test_every_hardware_repair_is_entered_in_the_ledger_once(desk: Company) -> None:
    case = ways.analysed(desk, serial=SERIAL)
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    assert case.held("records_settled")
    with desk.cases.database.read() as tx:
        (entry,) = tx.execute(select(Repair.serial, Repair.case_number, Repair.ended_on)).tuples().all()
    assert entry == (SERIAL, case.number, date(2026, 3, 2))


def test_examination_and_decision_have_deadlines(desk: Company) -> None:
    case = asked(desk)
    desk.until("03-03 18:00")
    case.do("examine_claim", customer_kind="individual", bought_on="2025-12-01")
    desk.until("03-04 18:00")
    case.do("decide_remedy", by="sun_jing", remedy="exchange")
    desk.until("03-18 18:00")
    assert case.fired == {
        "examination_overdue": "03-03 18:00",
        "remedy_decision_overdue": "03-04 18:00",
        "exchange_overdue": "03-18 18:00",
    }
    assert case.told("task_overdue") == ["zhou_fu"] * 3 and case.held("vice_president_told_of_remedy")


def test_a_refund_has_a_deadline(desk: Company) -> None:
    case = asked(desk)
    case.do("examine_claim", customer_kind="individual", bought_on="2026-03-01")
    case.do("decide_remedy", by="sun_jing", remedy="refund")
    desk.until("03-06 18:00")
    assert case.fired == {"refund_overdue": "03-06 18:00"}

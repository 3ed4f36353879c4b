"""Return for repair: the part goes to the supplier and back, with custody, clocks and a real loop."""

from __future__ import annotations

import pytest

from engine.foundation.errors import InvalidAnswers
from tests.processes.conftest import GOLD, Company, Story


def found(desk: Company) -> Story:
    """A part is found faulty."""
    return desk.open(
        "return_for_repair",
        by="li_gong",
        customer=GOLD,
        description="电源无输出",
        part_name="电源模块 PS-2200",
        serial="PS2-001877",
    )


def at_purchasing(desk: Company) -> Story:
    """The engineer brought the part back."""
    case = found(desk)
    case.do(
        "bring_part_back",
        by="li_gong",
        part_name="电源模块 PS-2200",
        old_serial="PS2-001877",
        new_serial="PS2-009341",
        handed_to="han_cai",
    )
    return case


def at_supplier(desk: Company) -> Story:
    """Purchasing shipped it."""
    case = at_purchasing(desk)
    case.do("ship_to_supplier", by="han_cai", supplier="恒联电子", shipped_on="2026-03-02")
    return case


def answered(desk: Company, decision: str) -> Story:
    """The supplier decided."""
    case = at_supplier(desk)
    case.do("record_supplier_decision", by="han_cai", decision=decision)
    return case


def back(desk: Company) -> Story:
    """The part came back and is to be inspected."""
    case = answered(desk, "repair")
    case.do("receive_part", by="han_cai", serial="PS2-001877", handed_to="wang_gong")
    return case


@pytest.mark.parametrize("decision", ["repair", "replace"])
@pytest.mark.parametrize(
    ("destination", "end"), [("customer", "part_handed_to_customer"), ("stock", "part_put_in_stock")]
)
def test_a_part_that_passes_goes_to_the_customer_or_to_stock(
    desk: Company, decision: str, destination: str, end: str
) -> None:
    case = answered(desk, decision)
    assert case.status == "at_supplier"
    case.do("receive_part", by="han_cai")
    case.do("inspect_part", by="wang_gong", result="pass")
    assert case.told("part_ready"), "the customer is told to collect it, or that it will be sent"
    with pytest.raises(InvalidAnswers) as refused:
        case.do("hand_over_part", by="li_gong", destination=destination, received_by="")
    assert list(refused.value.errors) == ["received_by"], "the receipt is recorded"
    case.do("hand_over_part", by="li_gong", destination=destination, received_by="王老师")
    assert case.outcome == end and case.waits == {}


def test_a_part_that_fails_inspection_goes_back_to_the_supplier(desk: Company) -> None:
    case = back(desk)
    case.do("inspect_part", by="wang_gong", result="fail")
    assert case.tasks == ["ship_to_supplier"] and case.status == "part_in_repair"
    case.do("ship_to_supplier", by="han_cai")
    case.do("record_supplier_decision", by="han_cai", decision="replace")
    case.do("receive_part", by="han_cai")
    case.do("inspect_part", by="wang_gong", result="fail")
    case.do("ship_to_supplier", by="han_cai")
    case.do("record_supplier_decision", by="han_cai", decision="repair")
    case.do("receive_part", by="han_cai")
    case.do("inspect_part", by="wang_gong", result="pass")
    case.do("hand_over_part", by="li_gong", destination="stock")
    assert case.outcome == "part_put_in_stock"
    assert case.passed("ship_to_supplier") == case.passed("inspect_part") == 3


def test_a_refused_part_is_taken_back_unrepaired(desk: Company) -> None:
    case = at_supplier(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("record_supplier_decision", by="han_cai", decision="refuse", reason="")
    assert list(refused.value.errors) == ["reason"]
    case.do("record_supplier_decision", by="han_cai", decision="refuse", reason="已停产")
    assert case.tasks == ["take_back_unrepaired"]
    case.do("take_back_unrepaired", by="han_cai", disposal="scrap")
    assert case.outcome == "part_not_repaired"


def test_the_manager_accepts_a_quote(desk: Company) -> None:
    case = at_supplier(desk)
    case.do("record_supplier_decision", by="han_cai", decision="quote", amount="1280.50")
    assert case.who("decide_on_quote") == "sun_jing"
    case.do("decide_on_quote", by="sun_jing", decision="accept")
    assert case.tasks == ["receive_part"]


def test_the_manager_rejects_a_quote(desk: Company) -> None:
    case = answered(desk, "quote")
    case.do("decide_on_quote", by="sun_jing", decision="reject", reason="不如换新")
    case.do("take_back_unrepaired", by="han_cai", disposal="stock")
    assert case.outcome == "part_not_repaired"


def test_custody_is_recorded_at_each_step(desk: Company) -> None:
    case = back(desk)
    said = {e.element: e.content["input"]["answers"] for e in case.history if e.kind == "task:complete"}
    brought, shipped, received = said["bring_part_back"], said["ship_to_supplier"], said["receive_part"]
    assert (brought["old_serial"], brought["new_serial"]) == ("PS2-001877", "PS2-009341")
    assert (brought["handed_to"], received["handed_to"]) == ("han_cai", "wang_gong")
    assert shipped["supplier"] == "恒联电子" and received["serial"] == "PS2-001877"


@pytest.mark.parametrize(("field", "person"), [("handed_to", "王老师"), ("handed_to", "")])
def test_a_part_is_handed_to_somebody_who_works_here(desk: Company, field: str, person: str) -> None:
    case = found(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("bring_part_back", by="li_gong", **{field: person})
    assert list(refused.value.errors) == [field]


def test_a_part_is_handed_to_an_engineer_for_inspection(desk: Company) -> None:
    case = answered(desk, "repair")
    with pytest.raises(InvalidAnswers, match="Service engineer"):
        case.do("receive_part", by="han_cai", handed_to="chen_min")


def test_a_part_that_is_not_brought_back_reaches_the_manager(desk: Company) -> None:
    case = found(desk)
    desk.until("03-04 18:00")
    assert case.fired == {"part_hand_in_overdue": "03-04 18:00"}
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_part")
    assert case.tasks == ["bring_part_back"]


def test_shipping_that_is_late_is_chased(desk: Company) -> None:
    case = at_purchasing(desk)
    desk.until("03-03 18:00")
    assert case.fired == {"shipping_overdue": "03-03 18:00"}
    assert case.told("part_repair_overdue") == ["han_cai"] and case.held("repair_chased")


def test_the_supplier_has_a_clock_of_its_own_that_runs_day_and_night(desk: Company) -> None:
    case = at_supplier(desk)
    assert case.waits == {"supplier_overdue": "03-16 09:00"}
    desk.until("03-16 09:00")
    assert case.fired == {"supplier_overdue": "03-16 09:00"} and case.told("part_repair_overdue") == [
        "han_cai"
    ]
    assert case.tasks == ["record_supplier_decision"]


def test_a_quote_that_nobody_decides_on_reaches_the_vice_president(desk: Company) -> None:
    case = answered(desk, "quote")
    desk.until("03-02 18:00")
    assert case.fired == {"quote_decision_overdue": "03-02 18:00"}
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_quote")
    case.do("decide_on_quote", by="sun_jing", decision="accept")


def test_a_part_that_the_supplier_does_not_return_is_chased(desk: Company) -> None:
    case = answered(desk, "repair")
    desk.until("03-09 09:00")
    assert case.fired == {"receipt_overdue": "03-09 09:00"}
    assert case.told("part_repair_overdue") == ["han_cai"] and case.tasks == ["receive_part"]


def test_an_unrepaired_part_that_does_not_come_back_is_chased(desk: Company) -> None:
    case = answered(desk, "refuse")
    desk.until("03-09 09:00")
    assert case.fired == {"take_back_overdue": "03-09 09:00"}
    assert case.told("part_repair_overdue") == ["han_cai"] and case.tasks == ["take_back_unrepaired"]


def test_an_inspection_that_is_late_reaches_the_manager(desk: Company) -> None:
    case = back(desk)
    desk.until("03-02 18:00")
    assert case.fired == {"inspection_overdue": "03-02 18:00"} and case.told("task_overdue") == ["sun_jing"]


def test_a_hand_over_that_is_late_reaches_the_manager(desk: Company) -> None:
    case = back(desk)
    case.do("inspect_part", by="wang_gong", result="pass")
    desk.until("03-03 18:00")
    assert case.fired == {"hand_over_overdue": "03-03 18:00"} and case.told("task_overdue") == ["sun_jing"]
    case.do("hand_over_part", by="li_gong", destination="customer")
    assert case.outcome == "part_handed_to_customer"

"""Whoever owns a model hears of it: by mail, or from the account manager when no mail reaches them."""

from __future__ import annotations

from sqlalchemy import select

from engine.foundation.models import Outbox
from tests.processes.conftest import GOLD, STANDARD, Company, Story
from tests.processes.rounds import MODEL, change_customer, goes_off


def warned(desk: Company, *, model: str = MODEL) -> Story:
    """A vendor's advisory that matters."""
    case = desk.open("vendor_advisory", by="zhao_zhuan", title="固件缺陷", model=model)
    case.do("assess_advisory", important="yes", model=model, advice="升级到 2.1")
    return case


def letters(desk: Company, case: Story) -> list[str]:
    """The customers whom the notice names, as it will be read."""
    with desk.cases.database.read() as tx:
        query = select(Outbox.values.label("given")).where(Outbox.message == "notice_to_owners")
        return sorted(row.given["customer"] for row in tx.execute(query))


def test_each_owner_gets_a_notice_of_their_own(desk: Company) -> None:
    case = warned(desk)
    assert case.held("owners_told") and len(letters(desk, case)) == 4
    assert GOLD in letters(desk, case) and STANDARD in letters(desk, case)


def test_nobody_owns_the_model(desk: Company) -> None:
    assert warned(desk, model="XX-1").held("no_owner_concerned")


def test_an_owner_without_an_address_is_called(desk: Company) -> None:
    change_customer(desk, STANDARD, email=None)
    case = warned(desk)
    assert case.tasks == ["call_remaining_owners"] and STANDARD not in letters(desk, case)
    case.do("call_remaining_owners", by="zhu_lan", customers=STANDARD, told=True)
    assert case.outcome == "customers_warned"


def test_the_account_manager_is_reminded_of_the_calls(desk: Company) -> None:
    change_customer(desk, STANDARD, email=None)
    case = warned(desk)
    assert goes_off(desk, case, "owners_not_called") == "03-03 18:00"
    assert case.told("task_overdue") == ["zhu_lan"] and case.held("account_manager_reminded_of_calls")

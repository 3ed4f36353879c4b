"""A vendor's defect: assessed, published, and told to whoever owns the model."""

from __future__ import annotations

from tests.processes import test_tell_owners as owners
from tests.processes.conftest import Company
from tests.processes.rounds import bulletins, goes_off


def test_affected_customers_are_warned(desk: Company) -> None:
    case = owners.warned(desk)
    assert case.outcome == "customers_warned" and case.told("notice_to_owners") == ["customer"] * 4
    assert bulletins(desk) == [("vendor_advisory", "announced")]


def test_nobody_is_affected(desk: Company) -> None:
    assert owners.warned(desk, model="XX-1").outcome == "nobody_affected"


def test_an_advisory_that_does_not_matter_is_set_aside(desk: Company) -> None:
    case = desk.open("vendor_advisory", by="zhao_zhuan", title="界面错字")
    case.do("assess_advisory", important="no", reason="不影响使用")
    assert case.outcome == "advisory_set_aside" and bulletins(desk) == []


def test_the_manager_is_told_of_a_late_assessment(desk: Company) -> None:
    case = desk.open("vendor_advisory", by="zhao_zhuan", title="固件缺陷")
    assert goes_off(desk, case, "advisory_overdue") == "03-02 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_advisory")

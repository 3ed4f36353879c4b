"""A new version is tested and signed off before any customer runs it."""

from __future__ import annotations

from datetime import date

from tests.processes.conftest import Company, Story
from tests.processes.rounds import MODEL, change_devices, goes_off


def released(desk: Company, *, model: str = MODEL) -> Story:
    """A vendor's new version."""
    return desk.open(
        "software_upgrade", by="shen_ruan", title="会议平台 2.1", model=model, features="新增字幕"
    )


def signed_off(desk: Company, *, model: str = MODEL) -> Story:
    """Tested and allowed."""
    case = released(desk, model=model)
    case.do("test_new_version", result="pass")
    case.do("sign_off_version", by="sun_jing", decision="approve")
    return case


def test_customers_run_it_after_test_and_sign_off(desk: Company) -> None:
    case = released(desk)
    assert case.told("notice_to_owners") == [], "nobody hears of an untested version"
    case.do("test_new_version", result="pass")
    assert case.told("notice_to_owners") == [] and case.tasks == ["sign_off_version"]
    case.do("sign_off_version", by="sun_jing", decision="approve")
    assert case.told("notice_to_owners") == ["customer"] * 4
    case.do("upgrade_customers", by="li_gong")
    assert case.outcome == "customers_upgraded"


def test_the_free_period_is_known(desk: Company) -> None:
    change_devices(desk, software_upgrade_until=date(2026, 3, 2))
    case = signed_off(desk)
    owners = next(
        p["d"]["owners"] for e in case.history for p in e.content["path"] if "owners" in p.get("d", {})
    )
    assert {owner["free"] for owner in owners["owners"]} == {True}


def test_a_version_that_fails_its_test_goes_nowhere(desk: Company) -> None:
    case = released(desk)
    case.do("test_new_version", result="fail")
    assert case.outcome == "version_rejected"


def test_a_version_may_be_refused(desk: Company) -> None:
    case = released(desk)
    case.do("test_new_version", result="pass")
    case.do("sign_off_version", by="sun_jing", decision="refuse", reason="等下一版")
    assert case.outcome == "sign_off_refused"


def test_nobody_needs_it(desk: Company) -> None:
    assert signed_off(desk, model="XX-1").outcome == "nobody_to_upgrade"


def test_the_manager_is_told_of_a_late_test(desk: Company) -> None:
    case = released(desk)
    assert goes_off(desk, case, "version_test_overdue") == "03-13 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_version")


def test_the_manager_is_told_of_a_late_upgrade(desk: Company) -> None:
    case = signed_off(desk)
    assert goes_off(desk, case, "upgrade_overdue") == "03-27 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_upgrade")

"""The figures of a month in which the company's own procedures ran."""

from __future__ import annotations

from typing import Any

import pytest

from engine.acts import reports
from engine.acts.reports import Report
from engine.foundation.security import SYSTEM
from tests.processes.conftest import NOBODY, Company
from tests.processes.ways import accepted, analysed, check_and_confirm, closed, finish, restored

GOOD = {"reached": "yes", "solved": "yes", "score_solution": 5, "score_service": 4}


@pytest.fixture
def march(desk: Company) -> Company:
    """Solved at once; solved on the second test; never solved in time; re-opened; out of contract; withdrawn."""
    at_once = closed(desk)
    at_once.do("call_customer", by="xu_mei", **GOOD)
    second = analysed(desk)
    second.do("advise_by_phone", by="li_gong")
    second.do("test_and_verify", by="li_gong", result="fail")
    second.do("analyse_fault", next_step="phone", severity="normal", nature="hardware")
    second.do("agree_solution", agreed="yes")
    second.do("advise_by_phone", by="li_gong")
    check_and_confirm(second)
    finish(second)
    again = closed(desk)
    again.do("call_customer", by="xu_mei", reached="yes", solved="no", score_solution=1, score_service=2)
    late = accepted(desk, priority="P1", severity="major")
    desk.report(NOBODY)
    withdrawn = accepted(desk)
    withdrawn.press("customer_withdrew", by="chen_min", reason="客户已自行解决", told_by="客户")
    desk.wait(hours=12)
    assert late.outcome is None
    return desk


def _report(desk: Company) -> Report:
    return reports.report(desk.cases, "2026-03", actor=SYSTEM, now=desk.clock.now)


def _parts(report: Report, figure: str) -> dict[str, int]:
    return _line(report, figure).measured.parts()


def _line(report: Report, figure: str) -> Any:
    return next(line for line in report.lines if line.definition.id == figure)


def test_a_fault_counts_as_the_procedure_left_it(march: Company) -> None:
    report = _report(march)
    assert _parts(report, "timely_repair_rate") == {
        "cancelled": 1,
        "kept": 2,
        "missed": 1,
        "not_due": 1,
        "out_of_contract": 1,
    }
    rate = _line(report, "timely_repair_rate").measured
    assert (rate.value, rate.numerator, rate.denominator) == (66.67, 2, 3)


def test_tests_and_follow_up_calls_are_counted(march: Company) -> None:
    report = _report(march)
    assert _parts(report, "first_time_fix_rate") == {"first_time": 1, "several_times": 2}
    assert _parts(report, "reopened_rate") == {"no": 2, "yes": 1}
    solution = _line(report, "satisfaction_solution").measured
    assert (solution.value, solution.denominator) == (3.67, 3)
    assert _line(report, "major_faults").measured.value == 1
    assert _line(report, "fault_reports").measured.value == 6


def test_what_people_did_is_counted_by_person_and_by_lane(march: Company) -> None:
    rows = {row.key: row.values for row in _line(_report(march), "workload").measured.rows}
    assert rows["xu_mei"]["tasks"] == rows["group:project_management"]["tasks"] == 3
    assert rows["li_gong"]["cases"] == 5
    assert rows["group:service_engineer"]["people"] == 1


def test_a_restored_fault_was_restored_within_its_own_promise(desk: Company) -> None:
    restored(desk)
    desk.wait(hours=3)
    restoration = _line(_report(desk), "restoration_time").measured
    assert (restoration.numerator, restoration.denominator, restoration.value) == (1, 1, 0.0)
    assert _line(_report(desk), "arrival_time").measured.value is None

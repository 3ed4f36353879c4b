"""A change is approved before it is made, verified afterwards, and undone when it does not work."""

from __future__ import annotations

from tests.processes import test_problem_management as problem
from tests.processes.conftest import Company
from tests.processes.rounds import goes_off


def test_an_effective_change(desk: Company) -> None:
    assert problem.changed(desk, "pass").held("change_effective")


def test_an_ineffective_change_is_undone(desk: Company) -> None:
    case = problem.changed(desk, "fail")
    assert case.tasks == ["undo_change"]
    case.do("undo_change")
    assert case.held("change_undone")


def test_a_refused_change_is_not_made(desk: Company) -> None:
    case = problem.known(desk)
    case.do("approve_change", by="sun_jing", decision="refuse", reason="停机影响过大")
    assert case.held("change_refused") and case.tasks == ["write_prevention_note"]
    assert not case.held("carry_out_change") and not case.held("verify_change")


def test_the_vice_president_hears_of_a_change_that_waits(desk: Company) -> None:
    case = problem.known(desk)
    assert goes_off(desk, case, "change_approval_overdue") == "03-02 18:00"
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_change")

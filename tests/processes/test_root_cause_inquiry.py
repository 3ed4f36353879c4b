"""The root cause is asked of sales and of the design and production departments at the same time."""

from __future__ import annotations

from tests.processes.conftest import Company, Story
from tests.processes.rounds import goes_off


def asked(desk: Company) -> Story:
    """A problem that is one."""
    case = desk.open("problem_management", by="chen_min", title="会议主机重启")
    case.do("diagnose_problem", confirmed="yes")
    return case


def test_both_answer_before_the_cause_is_agreed(desk: Company) -> None:
    case = asked(desk)
    assert sorted(case.tasks) == ["answer_as_engineering", "answer_as_sales"]
    case.do("answer_as_engineering", by="you_she")
    assert case.tasks == ["answer_as_sales"]
    case.do("answer_as_sales", by="qin_xiao")
    case.do("agree_root_cause", source="design")
    assert case.held("root_cause_agreed")


def test_both_are_reminded(desk: Company) -> None:
    case = asked(desk)
    assert goes_off(desk, case, "inquiry_overdue") == "03-03 18:00"
    assert case.told("task_overdue") == ["qin_xiao", "you_she"] and case.held("departments_reminded")

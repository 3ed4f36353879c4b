"""Problems: diagnosed, known with a workaround while they last, removed by a change, prevented afterwards."""

from __future__ import annotations

from engine.acts.known_faults import known_errors
from engine.acts.open_task import open_task
from tests.processes import ways
from tests.processes.conftest import Company, Story
from tests.processes.rounds import bulletins, goes_off


def raised(desk: Company) -> Story:
    """Several cases look alike."""
    return desk.open("problem_management", by="chen_min", title="会议主机重启", model="VC-900")


def known(desk: Company) -> Story:
    """Diagnosed, traced with the departments, and known to intake."""
    case = raised(desk)
    case.do("diagnose_problem", confirmed="yes")
    case.do("answer_as_sales", is_source="no")
    case.do("answer_as_engineering", is_source="yes")
    case.do("agree_root_cause")
    case.do(
        "record_known_error",
        title="会议主机重启",
        symptoms="重启, 画面中断",
        models="VC-900",
        workaround="关闭自动更新",
    )
    return case


def changed(desk: Company, result: str) -> Story:
    """The change is made; whether it works is seen then."""
    case = known(desk)
    case.do("approve_change", by="sun_jing", decision="approve")
    case.do("carry_out_change")
    case.do("verify_change", result=result)
    return case


def test_a_change_that_works_removes_the_problem(desk: Company) -> None:
    case = changed(desk, "pass")
    case.do("write_prevention_note")
    assert case.outcome == "problem_removed" and bulletins(desk) == [("known_error", "restored")]


def test_a_problem_without_a_working_change_is_lived_with(desk: Company) -> None:
    case = changed(desk, "fail")
    case.do("undo_change")
    case.do("write_prevention_note")
    assert case.outcome == "problem_lived_with" and bulletins(desk) == [("known_error", "announced")]


def test_no_common_cause(desk: Company) -> None:
    case = raised(desk)
    case.do("diagnose_problem", confirmed="no")
    assert case.outcome == "no_problem_found"


def test_the_known_error_is_shown_while_intake_is_still_typing(desk: Company) -> None:
    known(desk)
    actor = desk.actor("chen_min")
    (found,) = known_errors(desk.cases, actor=actor, model="VC-900", words="主机自动重启")
    assert found.title == "会议主机重启" and found.advice == "关闭自动更新"
    assert known_errors(desk.cases, actor=actor, model="SW-7600", words="主机自动重启") == []


def test_the_workaround_is_proposed_to_the_engineer_of_a_like_case(desk: Company) -> None:
    known(desk)
    case = ways.analysed(desk, "workaround")
    task = open_task(
        desk.cases,
        case.number,
        case.task("plan_workaround").id,
        actor=desk.actor("li_gong"),
        now=desk.clock.now,
    )
    assert task.answers["workaround"] == "关闭自动更新"


def test_a_removed_problem_is_proposed_no_more(desk: Company) -> None:
    changed(desk, "pass").do("write_prevention_note")
    assert known_errors(desk.cases, actor=desk.actor("chen_min"), model="VC-900", words="重启") == []


def test_the_manager_is_told_of_a_late_diagnosis(desk: Company) -> None:
    case = raised(desk)
    assert goes_off(desk, case, "diagnosis_overdue") == "03-04 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_diagnosis")

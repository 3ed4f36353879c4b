"""The fault chain: maintenance staff, after-sales maintenance department, assistant to the general manager."""

from __future__ import annotations

from typing import Any

import pytest

from engine.foundation.errors import InvalidAnswers
from tests.processes.conftest import GOLD, Company, Story

ON = {"decision": "pass_on", "reason": "需部门协调", "proposed_solution": "请设计部门参与"}


def submitted(desk: Company) -> Story:
    """Maintenance staff submit a difficult fault of their own."""
    return desk.open(
        "fault_escalation",
        by="wu_wei",
        customer=GOLD,
        description="整机反复重启",
        reason="现场无法定位",
        proposed_solution="请设计部门分析",
        severity="urgent",
    )


def at_dept(desk: Company) -> Story:
    """The staff passed it on."""
    case = submitted(desk)
    case.do("support_as_maintenance_staff", by="wu_wei", **ON)
    return case


def at_assistant(desk: Company) -> Story:
    """The department passed it on."""
    case = at_dept(desk)
    case.do("support_as_maintenance_dept", by="zheng_hao", **ON)
    return case


@pytest.mark.parametrize("missing", ["reason", "proposed_solution"])
def test_a_fault_is_submitted_with_reason_and_proposal_only(desk: Company, missing: str) -> None:
    said: dict[str, Any] = {
        "description": "整机反复重启",
        "reason": "现场无法定位",
        "proposed_solution": "请设计部门分析",
    }
    with pytest.raises(InvalidAnswers) as refused:
        desk.open("fault_escalation", by="wu_wei", customer=GOLD, severity="major", **{**said, missing: ""})
    assert list(refused.value.errors) == [missing]


def test_the_staff_solve_it(desk: Company) -> None:
    case = submitted(desk)
    assert (case.row.kind, case.row.severity, case.status) == ("fault_escalation", "urgent", "escalated")
    case.do("support_as_maintenance_staff", by="wu_wei", decision="solved", solution="更换主板")
    assert case.outcome == "solved_by_staff"


def test_the_staff_hand_it_back(desk: Company) -> None:
    case = submitted(desk)
    case.do("support_as_maintenance_staff", by="wu_wei", decision="hand_back", instruction="补充日志")
    assert case.outcome == "handed_back_by_staff"


def test_the_department_solves_it(desk: Company) -> None:
    case = at_dept(desk)
    assert case.told("fault_escalated") == ["zheng_hao"]
    case.do("support_as_maintenance_dept", by="zheng_hao", decision="solved", solution="改线")
    assert case.outcome == "solved_by_dept"


def test_the_department_hands_it_back(desk: Company) -> None:
    case = at_dept(desk)
    case.do("support_as_maintenance_dept", by="zheng_hao", decision="hand_back", instruction="按方案处理")
    assert case.outcome == "handed_back_by_dept"


def test_the_assistant_solves_it(desk: Company) -> None:
    case = at_assistant(desk)
    assert case.told("fault_escalated") == ["feng_zhu", "zheng_hao"]
    case.do("decide_as_gm_assistant", by="feng_zhu", decision="solved", solution="协调厂家")
    assert case.outcome == "solved_by_gm_assistant"


def test_the_assistant_decides(desk: Company) -> None:
    case = at_assistant(desk)
    with pytest.raises(InvalidAnswers):
        case.do("decide_as_gm_assistant", by="feng_zhu", **ON)
    case.do("decide_as_gm_assistant", by="feng_zhu", decision="decide", ruling="整机召回")
    assert case.outcome == "decided_by_gm_assistant"


def test_a_late_fault_climbs_by_itself_to_the_assistant_who_decides(desk: Company) -> None:
    case = submitted(desk)
    for timer, moment, task in (
        ("staff_time_used", "03-03 18:00", "support_as_maintenance_dept"),
        ("dept_time_used", "03-05 18:00", "decide_as_gm_assistant"),
        ("gm_assistant_time_used", "03-09 18:00", "decide_as_gm_assistant"),
    ):
        desk.until(moment)
        assert case.fired[timer] == moment and case.tasks == [task]
    assert case.told("task_overdue") == ["feng_zhu"] and case.held("gm_assistant_reminded")
    case.do("decide_as_gm_assistant", by="feng_zhu", decision="decide", ruling="整机召回")
    assert case.outcome == "decided_by_gm_assistant"
    answered = [e.actor for e in case.history if e.kind == "task:complete"]
    assert answered == ["feng_zhu"]

"""The case chain: engineer, technical specialist, service manager, vice president; by hand and by deadline."""

from __future__ import annotations

import pytest

from engine.acts import worklist
from engine.foundation.errors import Conflict, Forbidden, InvalidAnswers
from tests.processes import ways
from tests.processes.conftest import GOLD, Company, Story

ASKED = {"reason": "超出现有技术条件", "proposed_solution": "请原厂分析转储"}
ON = {"decision": "pass_on", "reason": "需原厂支持", "proposed_solution": "整机更换"}
BACK = {"decision": "hand_back", "instruction": "先更新固件"}


def escalated(desk: Company, **known: object) -> Story:
    """Engineer Li asked for help by hand."""
    case = ways.analysed(desk, **known)  # type: ignore[arg-type]
    case.press("escalation_requested", by="li_gong", **ASKED)
    return case


def at_manager(desk: Company) -> Story:
    """The specialist passed the case on."""
    case = escalated(desk)
    case.do("support_as_specialist", by="zhao_zhuan", **ON)
    return case


def at_vice_president(desk: Company) -> Story:
    """The manager passed the case on."""
    case = at_manager(desk)
    case.do("support_as_manager", by="sun_jing", **ON)
    return case


def test_an_engineer_asks_for_help_with_a_reason_and_a_proposal(desk: Company) -> None:
    case = escalated(desk)
    assert case.status == "escalated" and case.tasks == ["support_as_specialist"]
    assert case.told("case_escalated") == ["qian_zhuan", "zhao_zhuan"]
    asked = next(e for e in case.history if e.kind == "message:send")
    assert (asked.element, asked.actor) == ("escalation_requested", "li_gong")
    assert asked.content["input"]["answers"] == ASKED


@pytest.mark.parametrize("missing", ["reason", "proposed_solution"])
def test_without_reason_or_proposal_nothing_is_escalated(desk: Company, missing: str) -> None:
    case = ways.analysed(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.press("escalation_requested", by="li_gong", **{**ASKED, missing: " "})
    assert list(refused.value.errors) == [missing]
    assert case.tasks == ["advise_by_phone"] and case.told("case_escalated") == []


def test_somebody_who_is_no_engineer_cannot_escalate(desk: Company) -> None:
    case = ways.analysed(desk)
    with pytest.raises(Forbidden):
        case.press("escalation_requested", by="chen_min", **ASKED)
    assert desk.refusals == [("chen_min", "take_task")]


def test_a_pass_on_needs_reason_and_proposal_too(desk: Company) -> None:
    case = escalated(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("support_as_specialist", decision="pass_on", reason="", proposed_solution="")
    assert list(refused.value.errors) == ["reason", "proposed_solution"]


def test_the_specialist_solves_it(desk: Company) -> None:
    case = escalated(desk)
    case.do("support_as_specialist", by="qian_zhuan", decision="solved", solution="调整参数")
    assert case.held("solved_by_specialist") and case.row.handler == "qian_zhuan"
    assert case.tasks == ["test_and_verify"]
    ways.check_and_confirm(case)
    ways.finish(case)
    assert case.outcome == "completed"


def test_a_solution_from_above_that_does_not_hold_goes_back_to_work(desk: Company) -> None:
    case = escalated(desk)
    case.do("support_as_specialist", decision="solved", solution="调整参数")
    case.do("test_and_verify", result="fail")
    assert case.tasks == ["analyse_fault"]


def test_the_specialist_hands_it_back_with_instructions(desk: Company) -> None:
    case = escalated(desk)
    case.do("support_as_specialist", **BACK)
    assert case.held("handed_back_by_specialist") and case.told("case_handed_back") == ["li_gong"]
    assert case.tasks == ["analyse_fault"] and case.who("analyse_fault") == "li_gong"
    assert case.waits["engineer_time_used"] == "03-05 18:00", "the engineer's time starts anew"


def test_the_manager_solves_it(desk: Company) -> None:
    case = at_manager(desk)
    assert case.told("case_escalated") == ["qian_zhuan", "sun_jing", "zhao_zhuan"]
    case.do("support_as_manager", by="sun_jing", decision="solved", solution="协调原厂更换")
    assert case.held("solved_by_manager") and case.tasks == ["test_and_verify"]


def test_the_manager_hands_it_back(desk: Company) -> None:
    case = at_manager(desk)
    case.do("support_as_manager", by="sun_jing", **BACK)
    assert case.held("handed_back_by_manager") and case.told("case_handed_back") == ["li_gong"]


def test_the_vice_president_solves_it(desk: Company) -> None:
    case = at_vice_president(desk)
    assert "zhou_fu" in case.told("case_escalated")
    case.do("decide_as_vice_president", by="zhou_fu", decision="solved", solution="换机")
    assert case.held("solved_by_vice_president") and case.tasks == ["test_and_verify"]


def test_the_vice_president_hands_it_back(desk: Company) -> None:
    case = at_vice_president(desk)
    case.do("decide_as_vice_president", by="zhou_fu", **BACK)
    assert case.held("handed_back_by_vice_president") and case.tasks == ["analyse_fault"]


def test_the_top_decides_and_the_case_goes_to_closing(desk: Company) -> None:
    case = at_vice_president(desk)
    with pytest.raises(InvalidAnswers):
        case.do("decide_as_vice_president", by="zhou_fu", **ON)
    case.do("decide_as_vice_president", by="zhou_fu", decision="decide", ruling="整机更换, 费用由公司承担")
    assert case.held("decided_by_vice_president") and case.held("decided_at_the_top")
    assert case.tasks == ["write_result"]


@pytest.mark.parametrize(
    ("priority", "moments"),
    [
        ("P1", ["03-02 15:00", "03-02 17:00", "03-02 19:00", "03-02 21:00"]),
        ("P2", ["03-03 03:00", "03-03 11:00", "03-03 19:00", "03-04 03:00"]),
        ("P3", ["03-05 18:00", "03-09 18:00", "03-11 18:00", "03-13 18:00"]),
    ],
)
def test_a_late_case_climbs_by_itself_each_tier_with_its_own_limit(
    desk: Company, priority: str, moments: list[str]
) -> None:
    case = ways.analysed(desk, priority=priority)
    tiers = ("engineer_time_used", "specialist_time_used", "manager_time_used", "vice_president_time_used")
    waiting = (
        "support_as_specialist",
        "support_as_manager",
        "decide_as_vice_president",
        "decide_as_vice_president",
    )
    for timer, moment, task in zip(tiers, moments, waiting, strict=True):
        desk.until(moment)
        assert case.fired[timer] == moment
        assert task in case.tasks
    assert case.told("case_escalated") == ["qian_zhuan", "sun_jing", "zhao_zhuan", "zhou_fu"]
    assert case.held("vice_president_reminded") and "zhou_fu" in case.told("task_overdue")
    case.do("decide_as_vice_president", by="zhou_fu", decision="solved", solution="换机")
    assert case.outcome is None and "test_and_verify" in case.tasks


def test_who_comes_too_late_finds_the_task_gone_and_nothing_lost(desk: Company) -> None:
    case = escalated(desk, priority="P1", customer=GOLD)
    task = case.task("support_as_specialist")
    desk.wait(hours=3)
    with pytest.raises(Conflict, match="moved on"):
        worklist.complete(
            desk.cases,
            case.number,
            task.id,
            {"decision": "solved", "solution": "x"},
            actor=desk.actor("zhao_zhuan"),
            now=desk.clock.now,
        )


def test_the_tier_deadline_is_kept_even_when_nobody_ticked(desk: Company) -> None:
    """The engine catches up before it listens to a person, each timer at its own moment."""
    case = escalated(desk, priority="P1", customer=GOLD)
    desk.clock.advance(hours=5)
    case.desk.cases.catch_up(case.id, now=desk.clock.now)
    assert case.fired["specialist_time_used"] == "03-02 11:00"
    assert case.fired["manager_time_used"] == "03-02 13:00"
    assert "decide_as_vice_president" in case.tasks

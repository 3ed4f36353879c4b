"""After a hand-over both sides rate each other's cooperation; nobody waits for that."""

from __future__ import annotations

from contextlib import suppress

from engine.foundation.security import SYSTEM
from tests.processes import ways
from tests.processes.conftest import Company, Story


def handed_over(desk: Company) -> Story:
    """From engineer Li to specialist Zhao."""
    return desk.open("peer_rating", by="sun_jing", sender="li_gong", receiver="zhao_zhuan")


def test_both_rate_each_other(desk: Company) -> None:
    case = handed_over(desk)
    assert (case.who("rate_as_receiver"), case.who("rate_as_sender")) == ("zhao_zhuan", "li_gong")
    case.do("rate_as_sender", cooperation=5, completeness=4)
    case.do("rate_as_receiver", cooperation=3, completeness=3)
    assert case.outcome == "both_ratings_recorded"


def test_a_rating_that_nobody_gives_is_not_waited_for(desk: Company) -> None:
    case = handed_over(desk)
    case.do("rate_as_sender", cooperation=5, completeness=4)
    desk.until("03-04 17:59")
    assert case.tasks == ["rate_as_receiver"]
    desk.until("03-04 18:00")
    assert case.fired == {"receiver_rating_overdue": "03-04 18:00"} and case.outcome == "ratings_incomplete"


def test_both_may_be_missing(desk: Company) -> None:
    case = handed_over(desk)
    desk.until("03-04 18:00")
    assert set(case.fired) == {"receiver_rating_overdue", "sender_rating_overdue"}
    assert case.outcome == "ratings_incomplete"


def sides(ratings: list[Story]) -> list[tuple[str, str]]:
    """Between whom, in the order in which the ratings were opened."""
    assert {rating.row.process for rating in ratings} <= {"peer_rating"}
    return [(rating.row.facts["sender"], rating.row.facts["receiver"]) for rating in ratings]


def escalated(desk: Company) -> Story:
    """Engineer Li asked for help by hand, and nobody has given it yet."""
    case = ways.analysed(desk)
    case.press("escalation_requested", by="li_gong", reason="超出条件", proposed_solution="请专家看")
    return case


def test_each_escalation_and_the_hand_back_are_rated_while_the_work_goes_on(desk: Company) -> None:
    case = escalated(desk)
    assert desk.post() == []
    on = {"decision": "pass_on", "reason": "需原厂支持", "proposed_solution": "整机更换"}
    case.do("support_as_specialist", by="zhao_zhuan", **on)
    (rating,) = desk.post()
    assert sides([rating]) == [("li_gong", "zhao_zhuan")]
    assert (rating.row.facts["from_case"], rating.row.facts["source_case"]) == (case.number, case.number)
    assert (rating.who("rate_as_sender"), rating.who("rate_as_receiver")) == ("li_gong", "zhao_zhuan")
    case.do("support_as_manager", by="sun_jing", decision="hand_back", instruction="更新固件")
    assert sides(desk.post()) == [("zhao_zhuan", "sun_jing")]
    case.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    assert sides(desk.post()) == [("sun_jing", "li_gong")]
    assert case.row.ended_at is None and case.tasks == ["agree_solution"]
    desk.until("03-04 18:00")
    assert rating.outcome == "ratings_incomplete" and case.row.ended_at is None


def test_a_fault_that_goes_back_and_forth_is_rated_once_for_each_direction(desk: Company) -> None:
    case = escalated(desk)
    back = {"decision": "hand_back", "instruction": "更新固件"}
    case.do("support_as_specialist", by="zhao_zhuan", **back)
    assert sides(desk.post()) == [("li_gong", "zhao_zhuan")]
    ways.agree(case, "phone", by="li_gong")
    assert sides(desk.post()) == [("zhao_zhuan", "li_gong")]
    case.press("escalation_requested", by="li_gong", reason="仍未解决", proposed_solution="请专家看")
    case.do("support_as_specialist", by="zhao_zhuan", **back)
    ways.agree(case, "phone", by="li_gong")
    assert desk.post() == []


def test_a_transfer_is_rated_when_it_is_accepted_and_not_when_it_is_declined(desk: Company) -> None:
    case = ways.analysed(desk, "software")
    case.do("accept_transfer", by="shen_ruan", decision="decline", reason="不是软件问题")
    assert desk.post() == [] and case.row.handler == "li_gong"
    ways.agree(case, "software", by="li_gong")
    case.do("accept_transfer", by="shen_ruan", decision="accept")
    assert case.tasks == ["solve_software_problem"] and case.row.handler == "shen_ruan"
    assert sides(desk.post()) == [("li_gong", "shen_ruan")]
    case.do("solve_software_problem", by="shen_ruan")
    assert desk.post() == []


def test_another_engineer_who_takes_over_by_dispatch_rates_whoever_had_it_before(desk: Company) -> None:
    case = ways.closed(desk)
    assert desk.post() == []
    case.do("call_customer", by="xu_mei", reached="yes", solved="no")
    case.do("accept_case", decision="decline", reason="另有任务")
    case.do("assign_engineer", by="sun_jing", engineer="wang_gong")
    case.do("accept_case", by="wang_gong", decision="accept")
    assert sides(desk.post()) == [("li_gong", "wang_gong")]
    assert case.tasks == ["analyse_fault"]


def test_work_that_is_no_fault_is_not_rated(desk: Company) -> None:
    case = desk.open("complaint", by="chen_min", description="服务态度不好", channel="phone")
    with desk.cases.step(case.id, actor=desk.actor("sun_jing"), now=desk.clock.now) as step:
        step.row["handler"] = "sun_jing"
        step.note("先由孙静了解情况")
    with desk.cases.step(case.id, actor=desk.actor("sun_jing"), now=desk.clock.now) as step:
        step.row["handler"] = "zhao_zhuan"
        step.note("改由赵专了解情况")
    assert desk.post() == []


def test_a_case_of_a_release_that_asks_when_it_closes_hears_who_handed_it_to_whom(desk: Company) -> None:
    case = escalated(desk)
    on = {"decision": "pass_on", "reason": "需原厂支持", "proposed_solution": "整机更换"}
    case.do("support_as_specialist", by="zhao_zhuan", **on)
    with suppress(Nothing), desk.cases.step(case.id, actor=SYSTEM, now=desk.clock.now) as step:
        heard = step.wiring.functions["hand_overs"]()
        raise Nothing
    assert heard == [{"sender": "li_gong", "receiver": "zhao_zhuan"}]


class Nothing(Exception):
    """The test only asked."""

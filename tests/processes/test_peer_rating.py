"""After a hand-over both sides rate each other's cooperation; nobody waits for that."""

from __future__ import annotations

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


def test_closing_a_case_asks_for_a_rating_of_each_hand_over_once(desk: Company) -> None:
    case = ways.analysed(desk)
    case.press("escalation_requested", by="li_gong", reason="超出条件", proposed_solution="请专家看")
    case.do("support_as_specialist", by="zhao_zhuan", decision="hand_back", instruction="更新固件")
    ways.agree(case, "phone")
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    case.do("write_result", leftovers="none")
    case.do("decide_closing", by="sun_jing", decision="approve")
    (rating,) = desk.post()
    assert rating.row.process == "peer_rating" and rating.row.facts["from_case"] == case.number
    assert (rating.who("rate_as_sender"), rating.who("rate_as_receiver")) == ("li_gong", "zhao_zhuan")
    case.do("call_customer", by="xu_mei", reached="yes", solved="no")
    assert case.row.reopened == 1
    case.do("accept_case", decision="accept")
    ways.agree(case, "phone", by=case.who("analyse_fault"))
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    case.do("write_result", leftovers="none")
    case.do("decide_closing", by="sun_jing", decision="approve")
    again = {(r.row.facts["sender"], r.row.facts["receiver"]) for r in desk.post()}
    assert ("li_gong", "zhao_zhuan") not in again

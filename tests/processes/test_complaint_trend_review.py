"""Monthly review: rising complaints or a major one reach the vice president, whose instruction is followed up."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.acts import schedules
from tests.processes.conftest import CHINA, Company, Story, local
from tests.processes.papers import complain
from tests.processes.rounds import opened_by_itself


def months(desk: Company, *counts: int, severity: str = "normal") -> None:
    """So many complaints in March, April ...; then it is the month after."""
    for number, count in enumerate(counts):
        month = datetime(2026, 3 + number, 2, 9, tzinfo=CHINA)
        desk.wait_until(month.astimezone(UTC))
        for _ in range(count):
            complain(desk, severity=severity if number == len(counts) - 1 else "normal")
    desk.wait_until(datetime(2026, 3 + len(counts), 2, 9, tzinfo=CHINA).astimezone(UTC))


def review(desk: Company) -> Story:
    return desk.open("complaint_trend_review", by="chen_min")


def trend(case: Story) -> dict[str, object]:
    deltas = (p.get("d", {}) for e in case.history for p in e.content.get("path", ()))
    return dict(next(d["trend"] for d in deltas if "trend" in d))


def test_a_month_without_a_rise_is_noted(desk: Company) -> None:
    months(desk, 2, 1)
    case = review(desk)
    assert (trend(case)["count"], trend(case)["rising"]) == (1, 0)
    case.do("analyse_complaints", by="chen_min")
    assert (case.outcome, case.status) == ("trend_noted", "completed")


def test_three_months_of_rise_are_answered_by_the_vice_president(desk: Company) -> None:
    months(desk, 1, 2, 3)
    case = review(desk)
    assert (trend(case)["month"], trend(case)["count"], trend(case)["rising"]) == ("2026-05", 3, 3)
    case.do("analyse_complaints", by="chen_min", analysis="上门迟到为主", proposal="增加备班")
    assert case.told("complaints_reported") == ["zhou_fu"]
    case.do("give_instruction", by="zhou_fu", decision="measures", owner="sun_jing", due_on="2026-06-20")
    case.do("carry_out_instruction", by="sun_jing")
    case.do("verify_instruction", by="he_jie", verified="yes")
    assert case.outcome == "trend_answered"


def test_two_months_of_rise_are_not_reported_yet(desk: Company) -> None:
    months(desk, 0, 1, 2)
    case = review(desk)
    assert trend(case)["rising"] == 2
    case.do("analyse_complaints")
    assert case.outcome == "trend_noted"


def test_one_major_complaint_is_enough(desk: Company) -> None:
    months(desk, 2, 1, severity="major")
    case = review(desk)
    case.do("analyse_complaints")
    assert case.tasks == ["give_instruction"]


def test_a_review_that_is_not_written_within_a_week_is_reported(desk: Company) -> None:
    case = review(desk)
    desk.until("03-06 18:00")
    assert case.fired == {"complaint_review_overdue": "03-06 18:00"}
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_complaint_review")


def test_the_review_opens_by_itself_every_month_and_counts_the_month_before(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    months(desk, 2, 1)
    desk.until("05-08 12:00")
    opened = opened_by_itself(desk, "complaint_trend_review")
    assert [local(case.row.opened_at) for case in opened] == ["03-03 09:00", "04-03 09:00", "05-06 09:00"]
    assert [trend(case)["count"] for case in opened] == [0, 2, 1]

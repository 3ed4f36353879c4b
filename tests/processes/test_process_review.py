"""Once a year the procedure itself is reviewed."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import Company, Story, local
from tests.processes.rounds import goes_off, opened_by_itself


def due(desk: Company) -> Story:
    """The year's review."""
    return desk.open("process_review", by="xie_liu", period="2026")


def test_a_procedure_that_serves_is_confirmed(desk: Company) -> None:
    case = due(desk)
    case.do("review_procedure", must_change="no")
    assert case.outcome == "procedure_confirmed"


def test_an_approved_change_becomes_a_measure(desk: Company) -> None:
    case = due(desk)
    case.do("review_procedure", must_change="yes", change="缩短受理时限")
    case.do("decide_on_procedure_change", by="zhou_fu", decision="approve")
    assert case.outcome == "procedure_change_ordered"
    assert [(c.row.process, c.row.title) for c in desk.post()] == [("improvement_measure", "缩短受理时限")]


def test_a_change_may_be_refused(desk: Company) -> None:
    case = due(desk)
    case.do("review_procedure", must_change="yes", change="取消回访")
    case.do("decide_on_procedure_change", by="zhou_fu", decision="refuse", reason="回访必须保留")
    assert case.outcome == "procedure_change_refused"


def test_the_vice_president_hears_of_a_late_review(desk: Company) -> None:
    case = due(desk)
    assert goes_off(desk, case, "review_overdue") == "03-27 18:00"
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_review")


def test_it_comes_round_every_year(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.wait(days=400)
    assert [local(c.row.opened_at) for c in opened_by_itself(desk, "process_review")] == ["01-11 09:00"]

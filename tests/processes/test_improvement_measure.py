"""An improvement measure has an owner and a due date, and is not over before it works."""

from __future__ import annotations

import pytest

from engine.foundation.errors import Rejection
from tests.processes.conftest import Company, Story
from tests.processes.rounds import goes_off, join_group


def taken(desk: Company, owner: str = "li_gong") -> Story:
    """The owner knows."""
    case = desk.open("improvement_measure", by="yang_zhi", title="缩短到场时间", kind="process")
    case.do("define_measure", decision="take", owner=owner, due_on="2026-03-20", kind="training")
    return case


def test_a_measure_that_works(desk: Company) -> None:
    case = taken(desk)
    assert case.told("measure_assigned") == ["li_gong"] and case.who("carry_out_measure") == "li_gong"
    case.do("carry_out_measure")
    case.do("check_effect", by="yang_zhi", effective="yes")
    assert case.outcome == "measure_effective"


def test_a_measure_without_effect_is_defined_anew(desk: Company) -> None:
    case = taken(desk)
    case.do("carry_out_measure")
    case.do("check_effect", by="yang_zhi", effective="no")
    assert case.tasks == ["define_measure"]
    case.do("define_measure", decision="drop", reason="改由厂商负责")
    assert case.outcome == "measure_dropped"


def test_the_owner_does_not_judge_the_effect(desk: Company) -> None:
    join_group(desk, "li_gong", "quality_control")
    case = taken(desk)
    case.do("carry_out_measure")
    with pytest.raises(Rejection):
        case.do("check_effect", by="li_gong", effective="yes")


def test_the_owner_is_reminded_and_then_the_vice_president_told(desk: Company) -> None:
    case = taken(desk)
    assert goes_off(desk, case, "measure_half_time") == "03-11 16:30"
    assert case.told("measure_assigned") == ["li_gong", "li_gong"] and case.held("owner_reminded_of_measure")
    assert goes_off(desk, case, "measure_overdue") == "03-21 00:00", "the day that was named is over"
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_measure")

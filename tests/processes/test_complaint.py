"""Complaint: past the department, to quality control; the person concerned neither handles nor sees it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.acts import worklist
from engine.acts.case_list import case_list
from engine.acts.case_reading import case_page
from engine.desk.notifications import bell
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.models import Task
from tests.processes import ways
from tests.processes.conftest import Company, Story
from tests.processes.papers import complain


def investigated(desk: Company, about: str | None = "li_gong", justified: str = "yes") -> Story:
    case = complain(desk, about=about)
    case.do("investigate_complaint", by="yang_zhi", justified=justified)
    return case


def test_a_justified_complaint_is_investigated_remedied_and_answered(desk: Company) -> None:
    case = complain(desk, about="li_gong")
    assert case.told("complaint_received") == ["yang_zhi"]
    assert case.who("investigate_complaint") == "yang_zhi"
    case.do("investigate_complaint", by="yang_zhi", justified="yes", proposal="登门致歉")
    case.do("remedy_complaint", by="sun_jing")
    case.do("answer_complainant", by="chen_min", accepted="yes")
    assert case.held("answer_accepted") and (case.outcome, case.status) == ("complaint_settled", "completed")
    assert (case.row.kind, case.row.severity) == ("complaint", "normal")


def test_an_unjustified_complaint_is_explained(desk: Company) -> None:
    case = investigated(desk, justified="no")
    assert case.tasks == ["answer_complainant"]
    case.do("answer_complainant", accepted="yes")
    assert case.outcome == "complaint_settled"


def test_the_vice_president_rules_when_the_answer_is_not_accepted(desk: Company) -> None:
    case = investigated(desk, justified="no")
    case.do("answer_complainant", accepted="no")
    case.do("rule_on_complaint", by="zhou_fu", ruling="减免本次费用")
    assert case.held("complaint_ruled") and case.told("complaint_ruled") == ["customer"]
    assert case.outcome == "complaint_settled"


def test_a_complaint_about_the_manager_is_remedied_by_the_vice_president(desk: Company) -> None:
    case = investigated(desk, about="sun_jing")
    assert case.tasks == ["remedy_as_vice_president"]
    case.do("remedy_as_vice_president", by="zhou_fu")
    assert case.tasks == ["answer_complainant"]


def test_the_person_complained_about_can_neither_handle_nor_see_it(desk: Company) -> None:
    case = complain(desk, about="he_jie")
    case.do("investigate_complaint", by="yang_zhi", justified="no")
    concerned, colleague = desk.actor("he_jie"), desk.actor("chen_min")
    with pytest.raises(NotFound, match="no case"):
        case.do("answer_complainant", by="he_jie", accepted="yes")
    assert ("he_jie", "see_case") in desk.refusals
    with pytest.raises(NotFound):
        case_page(desk.cases, case.number, actor=concerned, now=desk.clock.now)
    shown = {
        who.id: [line.number for line in case_list(desk.cases, actor=who, now=desk.clock.now).rows]
        for who in (concerned, colleague)
    }
    assert case.number not in shown["he_jie"] and case.number in shown["chen_min"]
    queued = {
        who.id: [
            line.number
            for line in worklist.inbox(desk.cases, actor=who, now=desk.clock.now, queue="groups").rows
        ]
        for who in (concerned, colleague)
    }
    assert case.number not in queued["he_jie"] and case.number in queued["chen_min"]
    assert case.row.kept_out == ["he_jie"]


def test_the_person_complained_about_hears_nothing_of_it(desk: Company) -> None:
    case = complain(desk, about="yang_zhi")
    with desk.cases.database.read() as tx:
        assert case.number not in {message.number for message in bell(tx, person="yang_zhi")}


def test_the_person_complained_about_is_not_given_its_tasks(desk: Company) -> None:
    case = complain(desk, about="he_jie")
    case.do("investigate_complaint", by="yang_zhi", justified="no")
    task = case.task("answer_complainant")
    with pytest.raises(Rejection):
        worklist.reassign(
            desk.cases,
            case.number,
            task.id,
            person="he_jie",
            reason="请协助",
            actor=desk.actor("sun_jing"),
            now=desk.clock.now,
            revision=task.revision,
        )


def test_a_task_already_taken_goes_back_when_its_holder_is_complained_about(desk: Company) -> None:
    said: dict[str, Any] = {"channel": "phone", "customer": "明德小学", "description": "接线人员态度不好"}
    case = desk.open("complaint", by="chen_min", **said)
    task = case.task("record_complaint")
    worklist.claim(
        desk.cases,
        case.number,
        task.id,
        actor=desk.actor("he_jie"),
        now=desk.clock.now,
        revision=task.revision,
    )
    case.do("record_complaint", by="he_jie", concerns="person", person="he_jie", severity="normal")
    with desk.cases.database.read() as tx:
        held = tx.execute(select(Task.assignee).where(Task.case_id == case.id)).scalars().all()
    assert "he_jie" not in held


def test_a_complaint_found_at_intake_leaves_the_service_department(desk: Company) -> None:
    case = desk.report()
    case.do("triage", by="chen_min", kind="complaint", severity="normal", **ways.GRADES["P3"])
    assert case.held("complaint_taken") and case.tasks == ["record_complaint"]
    case.do("record_complaint", by="chen_min", concerns="service", severity="normal")
    assert case.row.kind == "complaint" and case.tasks == ["investigate_complaint"]
    case.do("investigate_complaint", justified="no")
    case.do("answer_complainant", accepted="yes")
    assert (case.outcome, case.status) == ("complaint_closed", "completed")


def test_a_major_complaint_goes_to_the_vice_president_while_it_is_investigated(desk: Company) -> None:
    case = complain(desk, about="li_gong", severity="major")
    assert case.told("complaints_reported") == ["zhou_fu"]
    assert sorted(case.tasks) == ["give_instruction", "investigate_complaint"]
    case.do("give_instruction", by="zhou_fu", decision="measures", owner="sun_jing", instruction="停职培训")
    assert case.told("instruction_given") == ["sun_jing"]
    case.do("investigate_complaint", justified="no")
    case.do("answer_complainant", accepted="yes")
    assert case.outcome is None, "not settled before the measures are verified"
    case.do("carry_out_instruction", by="sun_jing")
    case.do("verify_instruction", by="chen_min", verified="no")
    assert case.tasks == ["carry_out_instruction"], "back to the owner"
    case.do("carry_out_instruction", by="sun_jing")
    case.do("verify_instruction", by="chen_min", verified="yes")
    assert case.held("instruction_verified") and case.outcome == "complaint_settled"


def test_the_vice_president_may_require_nothing_further(desk: Company) -> None:
    case = complain(desk, severity="major")
    case.do("give_instruction", by="zhou_fu", decision="nothing")
    assert case.held("nothing_required") and case.tasks == ["investigate_complaint"]


def test_a_complaint_that_is_not_recorded_or_not_settled_concerns_quality_control(desk: Company) -> None:
    said: dict[str, Any] = {"channel": "phone", "customer": "明德小学", "description": "三次上门未修好"}
    case = desk.open("complaint", by="chen_min", **said)
    desk.until("03-02 09:30")
    assert case.fired == {"recording_overdue": "03-02 09:30"} and case.told("complaint_late") == ["yang_zhi"]
    case.do("record_complaint", concerns="service", severity="normal")
    desk.wait(days=15)
    assert "complaint_overdue" in case.fired and case.held("quality_told_of_delay")


def test_every_step_of_a_complaint_has_a_deadline_that_reaches_the_vice_president(desk: Company) -> None:
    case = complain(desk, about="li_gong")
    desk.until("03-04 18:00")
    assert case.fired["investigation_overdue"] == "03-04 18:00"
    case.do("investigate_complaint", justified="yes")
    desk.until("03-09 18:00")
    assert case.fired["remedy_overdue"] == "03-09 18:00"
    case.do("remedy_complaint", by="sun_jing")
    desk.until("03-10 18:00")
    assert case.fired["complaint_answer_overdue"] == "03-10 18:00"
    case.do("answer_complainant", accepted="no")
    desk.until("03-12 18:00")
    assert case.fired["ruling_overdue"] == "03-12 18:00"
    assert case.told("complaint_late").count("zhou_fu") == 4 and case.held("vice_president_told_of_complaint")


def test_a_remedy_by_the_vice_president_has_a_deadline_too(desk: Company) -> None:
    case = investigated(desk, about="sun_jing")
    desk.until("03-04 18:00")
    assert case.fired == {"top_remedy_overdue": "03-04 18:00"}


def test_instruction_measures_and_verification_have_deadlines(desk: Company) -> None:
    case = complain(desk, severity="major")
    desk.until("03-03 18:00")
    case.do("give_instruction", by="zhou_fu", decision="measures", owner="sun_jing", due_on="2026-03-17")
    desk.until("03-18 00:00")
    case.do("carry_out_instruction", by="sun_jing")
    desk.until("03-19 18:00")
    fired = {
        name: case.fired[name] for name in ("instruction_overdue", "measures_overdue", "verification_overdue")
    }
    assert fired == {
        "instruction_overdue": "03-03 18:00",
        "measures_overdue": "03-18 00:00",
        "verification_overdue": "03-19 18:00",
    }
    assert case.told("instruction_late") == ["zhou_fu"] * 3 and case.held(
        "vice_president_told_of_instruction"
    )

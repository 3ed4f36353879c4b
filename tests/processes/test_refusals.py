"""What the engine refuses at the worklist: each a clear sentence in both languages, nothing lost, nothing changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.acts import steering, worklist
from engine.foundation.errors import Conflict, Forbidden, InvalidAnswers, NotFound, Rejection
from engine.foundation.models import Timer
from tests.processes import ways
from tests.processes.conftest import Company, Story

FAULT = {"kind": "fault", "nature": "network", "severity": "normal", **ways.GRADES["P3"]}


def act(case: Story, verb: str, task: Any, by: str, *words: Any, **more: Any) -> None:
    """One verb of the worklist as somebody."""
    desk = case.desk
    getattr(worklist, verb)(
        desk.cases, case.number, task.id, *words, actor=desk.actor(by), now=desk.clock.now, **more
    )


def test_a_task_is_completed_once_and_the_second_hears_who_and_when(desk: Company) -> None:
    case = desk.report()
    task = case.task("triage")
    act(case, "complete", task, "chen_min", FAULT)
    desk.wait(minutes=5)
    before = case.history
    with pytest.raises(Conflict) as refused:
        act(case, "complete", task, "he_jie", FAULT)
    assert "陈敏已于 03-02 09:00 完成" in refused.value.text.zh
    assert "陈敏 completed this task at 03-02 09:00" in refused.value.text.en
    assert case.history == before


def test_the_same_submit_sent_twice_counts_once(desk: Company) -> None:
    case, key = desk.report(), str(uuid4())
    task = case.task("triage")
    for _ in range(2):
        act(case, "complete", task, "chen_min", FAULT, key=key)
    assert case.passed("triage") == 1 and len(case.history) == 2


def test_a_stale_page_is_refused(desk: Company) -> None:
    case = desk.report()
    stale = case.task("triage")
    act(case, "claim", stale, "he_jie")
    act(case, "release", case.task("triage"), "he_jie")
    with pytest.raises(Conflict, match="changed since you opened it"):
        act(case, "complete", stale, "chen_min", FAULT, revision=stale.revision)
    act(case, "complete", stale, "chen_min", FAULT, revision=case.task("triage").revision)


def test_a_task_that_somebody_holds_is_not_taken_from_them(desk: Company) -> None:
    case = desk.report()
    act(case, "claim", case.task("triage"), "he_jie")
    for verb, words in (("claim", ()), ("complete", (FAULT,))):
        with pytest.raises(Conflict, match="何洁 has held this task since 03-02 09:00"):
            act(case, verb, case.task("triage"), "chen_min", *words)
    with pytest.raises(Forbidden):
        act(case, "release", case.task("triage"), "chen_min")
    act(case, "release", case.task("triage"), "sun_jing")
    act(case, "claim", case.task("triage"), "chen_min")


@pytest.mark.parametrize("verb", ["claim", "complete"])
def test_a_person_outside_the_group_is_refused_and_it_is_logged(desk: Company, verb: str) -> None:
    case = desk.report()
    with pytest.raises(Forbidden, match="韩彩 is not entitled"):
        act(case, verb, case.task("triage"), "han_cai", *([FAULT] if verb == "complete" else []))
    assert desk.refusals == [("han_cai", "take_task")]
    assert len(case.history) == 1 and case.task("triage").assignee is None


def test_a_colleague_gets_a_task_with_a_reason(desk: Company) -> None:
    case = ways.triaged(desk)
    with pytest.raises(Rejection, match="reason"):
        act(case, "delegate", case.task("accept_case"), "li_gong", person="wang_gong", reason=" ")
    act(case, "delegate", case.task("accept_case"), "li_gong", person="wang_gong", reason="休假")
    assert case.task("accept_case").assignee == "wang_gong"
    handed = case.history[-1]
    assert handed.content["input"] == {"from": "li_gong", "to": "wang_gong", "reason": "休假"}


@pytest.mark.parametrize("person", ["chen_min", "zhao_zhuan", "nobody"])
def test_a_task_goes_to_members_of_its_group_only(desk: Company, person: str) -> None:
    case = ways.triaged(desk)
    with pytest.raises(Rejection, match="active member"):
        act(case, "reassign", case.task("accept_case"), "sun_jing", person=person, reason="忙")


def test_an_engineer_reassigns_nothing(desk: Company) -> None:
    case = ways.triaged(desk)
    with pytest.raises(Forbidden):
        act(case, "reassign", case.task("accept_case"), "li_gong", person="wang_gong", reason="忙")
    assert desk.refusals == [("li_gong", "reassign_task")]


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"kind": "fault"}, ["importance", "urgency", "nature", "severity"]),
        ({"kind": "riddle"}, ["kind"]),
        ({**FAULT, "typename": "x"}, ["typename"]),
        ({**FAULT, "__class__": "x"}, ["__class__"]),
        ({**FAULT, "severity": ["major"]}, ["severity"]),
    ],
)
def test_wrong_answers_name_their_fields_and_change_nothing(
    desk: Company, answers: dict[str, Any], fields: list[str]
) -> None:
    case = desk.report()
    with pytest.raises(InvalidAnswers) as refused:
        act(case, "complete", case.task("triage"), "chen_min", answers)
    assert list(refused.value.errors) == fields
    assert all(text.zh and text.en for text in refused.value.errors.values())
    assert case.tasks == ["triage"] and len(case.history) == 1


def test_the_head_of_the_chain_is_bound_by_the_groups_too(desk: Company) -> None:
    case = desk.report()
    with pytest.raises(Forbidden):
        act(case, "complete", case.task("triage"), "zhou_fu", FAULT)


def test_only_process_owner_and_administrator_intervene(desk: Company) -> None:
    case = ways.analysed(desk)
    for person in ("sun_jing", "li_gong", "zhou_fu"):
        with pytest.raises(Forbidden):
            steering.cancel(
                desk.cases, case.number, reason="重复", actor=desk.actor(person), now=desk.clock.now
            )
    with pytest.raises(Rejection, match="reason"):
        steering.cancel(desk.cases, case.number, reason=" ", actor=desk.actor("xie_liu"), now=desk.clock.now)
    steering.cancel(desk.cases, case.number, reason="重复", actor=desk.actor("xie_liu"), now=desk.clock.now)
    assert (case.outcome, case.status, case.tasks, case.waits) == ("cancelled", "cancelled", [], {})


def test_nothing_more_is_done_on_a_case_that_has_ended(desk: Company) -> None:
    case = desk.report()
    task = case.task("triage")
    steering.cancel(desk.cases, case.number, reason="重复", actor=desk.actor("guan_li"), now=desk.clock.now)
    with pytest.raises(Conflict):
        act(case, "complete", task, "chen_min", FAULT)
    for verb, words in (("pause", {"reason": "customer_access"}), ("resume", {})):
        with pytest.raises(Conflict):
            getattr(steering, verb)(
                desk.cases, case.number, actor=desk.actor("sun_jing"), now=desk.clock.now, **words
            )
    with pytest.raises(Conflict):
        steering.cancel(
            desk.cases, case.number, reason="再次", actor=desk.actor("guan_li"), now=desk.clock.now
        )


def test_a_case_that_does_not_exist_is_not_found(desk: Company) -> None:
    with pytest.raises(NotFound, match="SH-2026-999999"):
        steering.pause(
            desk.cases,
            "SH-2026-999999",
            reason="customer_access",
            actor=desk.actor("sun_jing"),
            now=desk.clock.now,
        )


def test_a_moved_deadline_keeps_its_reason_and_fires_at_its_new_moment(desk: Company) -> None:
    case = desk.report()
    with desk.cases.database.read() as tx:
        timer = tx.execute(select(Timer.id).where(Timer.case_id == case.id)).scalar_one()
    later = desk.clock.now + timedelta(hours=4)
    for due in (desk.clock.now, desk.clock.now - timedelta(hours=1)):
        with pytest.raises(Rejection, match="future"):
            steering.move_deadline(
                desk.cases,
                case.number,
                timer,
                due_at=due,
                reason="等总机恢复",
                actor=desk.actor("guan_li"),
                now=desk.clock.now,
            )
    steering.move_deadline(
        desk.cases,
        case.number,
        timer,
        due_at=later,
        reason="等总机恢复",
        actor=desk.actor("guan_li"),
        now=desk.clock.now,
    )
    assert case.history[-1].content["input"]["reason"] == "等总机恢复"
    desk.wait(hours=3)
    assert case.fired == {}
    desk.wait(hours=1)
    assert case.fired == {"triage_overdue": "03-02 13:00"}

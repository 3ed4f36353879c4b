"""Every task has a time limit: where no timer is drawn, the table gives it, and whoever answers for the group hears."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.acts import incidents, steering
from engine.acts.procedure import clause_page
from engine.acts.publishing import check, read_folder
from engine.acts.waiting import timers_of
from engine.bpmn import releases
from engine.bpmn.library import SourceFile
from engine.cases import IncidentRaised
from engine.foundation.errors import Rejection
from engine.foundation.models import Incident, Timer
from engine.foundation.settings import source_folder
from tests.processes import ways
from tests.processes.conftest import CHINA, Company, Story, local
from tests.processes.rounds import goes_off

ANSWERS = "processes/answers_for.dmn"


def analysing(desk: Company, **known: object) -> Story:
    """Engineer Li has accepted the case and is to analyse the fault: one working day."""
    return ways.accepted(desk, **known)


def overdue(case: Story) -> list[tuple[str, str]]:
    """Which tasks went past their limit, and when."""
    return [(str(e.element), local(e.at)) for e in case.history if e.kind == "task:overdue"]


def test_a_task_without_a_timer_of_its_own_waits_with_the_limit_of_the_table(desk: Company) -> None:
    case = analysing(desk)
    assert case.waits["analyse_fault"] == "03-02 18:00"
    shown = min(case.waits.values())
    assert local(case.task("analyse_fault").due_at) == shown, "whatever comes first is shown"


def test_past_the_limit_the_task_stays_and_who_answers_for_the_group_hears_once(desk: Company) -> None:
    case = analysing(desk)
    desk.until("03-02 17:59")
    assert overdue(case) == []
    desk.until("03-03 12:00")
    assert overdue(case) == [("analyse_fault", "03-02 18:00")]
    assert case.told("task_late") == ["li_gong", "sun_jing"]
    case.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    assert "analyse_fault" not in case.waits and "agree_solution" in case.waits


def test_work_done_in_time_leads_to_no_notice(desk: Company) -> None:
    case = analysing(desk)
    ways.agree(case, "phone")
    assert {"analyse_fault", "agree_solution"} & case.waits.keys() == set()
    desk.until("03-02 17:59")
    assert overdue(case) == []


def counted(desk: Company, clause: str, element: str) -> tuple[int, int, int]:
    """How often an element of a clause was executed, kept and breached this month."""
    page = clause_page(
        desk.cases, clause, "2026-03", actor=desk.actor("shen_ji"), now=desk.clock.now + timedelta(days=1)
    )
    (station,) = [one for one in page.stations if one.element.id == element]
    assert station.limited and station.deadlines == ()
    return station.counts.executed, station.counts.kept, station.counts.breached


def test_the_clauses_count_work_within_and_past_its_limit(desk: Company) -> None:
    late, kept = analysing(desk), analysing(desk)
    kept.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    desk.until("03-03 09:00")
    assert counted(desk, "R-082", "analyse_fault") == (1, 1, 1)
    late.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    assert counted(desk, "R-082", "analyse_fault") == (2, 1, 1)
    assert overdue(late) == [("analyse_fault", "03-02 18:00")]


def test_waiting_for_the_customer_stops_the_limit_of_a_step_of_the_repair(desk: Company) -> None:
    case = analysing(desk)
    manager = desk.actor("sun_jing")
    steering.pause(desk.cases, case.number, reason="customer_information", actor=manager, now=desk.clock.now)
    assert case.waits["analyse_fault"] == "-"
    desk.until("03-04 09:00")
    steering.resume(desk.cases, case.number, actor=manager, now=desk.clock.now)
    assert case.waits["analyse_fault"] == "03-04 18:00" and overdue(case) == []


def test_work_that_begins_while_the_customer_is_waited_for_is_not_late(desk: Company) -> None:
    case = analysing(desk)
    manager = desk.actor("sun_jing")
    steering.pause(desk.cases, case.number, reason="customer_information", actor=manager, now=desk.clock.now)
    case.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    assert case.waits["agree_solution"] == "-" and case.task("agree_solution").paused
    desk.until("03-04 09:00")
    steering.resume(desk.cases, case.number, actor=manager, now=desk.clock.now)
    task = case.task("agree_solution")
    assert (task.paused, local(task.due_at)) == (False, case.waits["agree_solution"])


def test_the_limit_can_be_moved_with_a_reason(desk: Company) -> None:
    case = analysing(desk)
    tomorrow = desk.clock.now.astimezone(CHINA).replace(day=3, hour=20)
    with desk.cases.step(case.id, actor=desk.actor("xie_liu"), now=desk.clock.now) as step:
        step.move_deadline(case.task("analyse_fault").id, due_at=tomorrow, reason="等待机房开放")
    assert goes_off_late(desk, case) == [("analyse_fault", "03-03 20:00")]
    with (
        pytest.raises(Rejection),
        desk.cases.step(case.id, actor=desk.actor("xie_liu"), now=desk.clock.now) as step,
    ):
        step.move_deadline(case.task("analyse_fault").id, due_at=tomorrow, reason="再延一次")


def goes_off_late(desk: Company, case: Story) -> list[tuple[str, str]]:
    """The tasks that are past their limit two days later."""
    desk.until("03-04 08:00")
    return overdue(case)


def test_the_limit_is_listed_among_the_timers_of_the_case(desk: Company) -> None:
    case = analysing(desk)
    with desk.cases.database.read() as tx:
        line = next(t for t in timers_of(tx, case.id, case.library) if t.element == "analyse_fault")
    assert (line.name.en, line.limit.en, line.percent) == ("Analyse the fault", "A step of the repair", 100)


def test_the_end_of_a_case_ends_the_limits_of_its_tasks(desk: Company) -> None:
    case = analysing(desk)
    with desk.cases.step(case.id, actor=desk.actor("xie_liu"), now=desk.clock.now) as step:
        step.cancel(reason="重复登记")
    with desk.cases.database.read() as tx:
        assert tx.execute(select(Timer.id).where(Timer.case_id == case.id)).all() == []


def test_a_drawn_timer_needs_no_second_limit(desk: Company) -> None:
    case = ways.triaged(desk)
    assert case.tasks == ["accept_case"] and "accept_case" not in case.waits
    assert goes_off(desk, case, "acceptance_overdue") == "03-02 11:00"


@pytest.mark.parametrize(
    ("process", "old", "new", "element"),
    [
        (
            "fault_analysis",
            '<spiffworkflow:property name="limit" value="task_hands_on"/>',
            "",
            "analyse_fault",
        ),
        ("fault_analysis", 'value="task_hands_on"', 'value="some_time"', "analyse_fault"),
        (
            "case_dispatch",
            'name="assignee" value="handler"',
            'name="limit" value="task_answer"',
            "accept_case",
        ),
    ],
)
def test_a_task_without_a_limit_or_with_two_is_not_published(
    process: str, old: str, new: str, element: str
) -> None:
    path = f"processes/{process}.bpmn"
    files = [_rewritten(f, old, new) if f.path == path else f for f in read_folder(source_folder())]
    assert (path, element, "task-limit") in [(p.file, p.element, p.rule) for p in check(files)]


def test_a_table_that_answers_for_too_few_is_not_published() -> None:
    files = _nobody_answers_for_engineers()
    assert (ANSWERS, "answers_for", "task-limit-answer") in _problems(files)
    without = [f for f in files if f.path != ANSWERS]
    assert ("processes/fault_analysis.bpmn", "analyse_fault", "task-limit") in _problems(without)


def test_a_late_task_for_which_nobody_answers_is_an_incident_and_stops_nobodys_work(desk: Company) -> None:
    with desk.cases.database.write() as tx:
        files = _nobody_answers_for_engineers()
        releases.publish(tx, files, actor="xie_liu", at=desk.clock.now, note="unchecked")
    case = analysing(desk)
    desk.until("03-02 18:30")
    desk.until("03-02 19:00")
    (kept,) = _incidents(desk, case)
    assert (kept.element, kept.attempts, kept.command["kind"]) == ("analyse_fault", 1, "task:overdue")
    with pytest.raises(IncidentRaised):
        incidents.retry(desk.cases, case.number, kept.id, actor=desk.actor("guan_li"), now=desk.clock.now)
    case.do("analyse_fault", by="li_gong", next_step="phone", severity="normal", nature="hardware")
    assert overdue(case) == [] and "agree_solution" in case.waits


def _incidents(desk: Company, case: Story) -> list[Any]:
    with desk.cases.database.read() as tx:
        return list(tx.execute(select(Incident.__table__).where(Incident.case_id == case.id)).all())


def _nobody_answers_for_engineers() -> list[SourceFile]:
    """The table loses two rows: that of the engineers, and the one for everybody else."""
    files = read_folder(source_folder())
    table = next(f for f in files if f.path == ANSWERS)
    content = table.content.decode()
    for row in ("answers_for_engineers", "answers_for_others"):
        content, found = re.subn(rf'<rule id="{row}">.*?</rule>', "", content, flags=re.DOTALL)
        assert found == 1
    return [replace(f, content=content.encode()) if f is table else f for f in files]


def _problems(files: list[SourceFile]) -> set[tuple[str, str, str]]:
    return {(p.file, p.element, p.rule) for p in check(files)}


def _rewritten(file: SourceFile, old: str, new: str) -> SourceFile:
    content = file.content.decode()
    assert old in content
    return replace(file, content=content.replace(old, new).encode())

"""A history is evidence: its recorded inputs lead to the same path, data and end, and anything else is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from engine.acts import steering, timers, worklist
from engine.acts.cast import People
from engine.acts.replay import verify_all, verify_case
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.errors import NotFound
from engine.foundation.models import Case, Event, Task, Timer
from engine.record import history
from tests.conftest import Clock
from tests.engine import histories, little_procedure

WHO = {"take_in": "chen_min", "repair": "li_gong", "hand_back": "li_gong", "wait_for_part": "han_cai"}


@dataclass
class Play:
    """One case of the little procedure, played on a fake clock; `hot` keeps the run in memory between steps."""

    database: Database
    clock: Clock
    people: People
    hot: bool = True

    def __post_init__(self) -> None:
        self.kept = Cases(self.database)
        self.number = worklist.start(
            self.cases,
            little_procedure.PROCESS,
            {"note": "a"},
            actor=self.people.chen_min,
            now=self.clock.now,
            key=str(uuid4()),
        )
        self.id = worklist.case_id(self.cases, self.number)

    @property
    def cases(self) -> Cases:
        return self.kept if self.hot else Cases(self.database)

    def task(self, element: str) -> UUID:
        with self.database.read() as tx:
            query = select(Task.id).where(Task.case_id == self.id, Task.element == element)
            return tx.execute(query).scalar_one()

    def do(self, *elements: str) -> None:
        for element in elements:
            self.clock.advance(seconds=0.2)
            actor, task = self.people[WHO[element]], self.task(element)
            worklist.complete(
                self.cases, self.number, task, {"note": element}, actor=actor, now=self.clock.now
            )

    def wait(self, seconds: float) -> int:
        return timers.fire_due(self.cases, now=self.clock.advance(seconds=seconds))

    def finish(self) -> None:
        self.do("take_in")
        self.wait(1)
        self.do("repair")
        self.wait(5)
        self.do("hand_back")


@pytest.fixture
def play(database: Database, clock: Clock, people: People) -> Callable[..., Play]:
    with database.write() as tx:
        releases.publish(tx, little_procedure.files(), actor="xie_liu", at=clock.now, note="")

    def begin(*, hot: bool = True) -> Play:
        return Play(database, clock, people, hot)

    return begin


@pytest.mark.parametrize("hot", [True, False])
def test_a_finished_case_runs_again_alike(play: Callable[..., Play], hot: bool) -> None:
    case = play(hot=hot)
    case.finish()
    verification = verify_case(case.cases, case.id)
    assert verification.whole, verification.text
    assert verification.events == 6
    assert "6 events re-executed alike" in verification.text.en


@pytest.mark.parametrize("hot", [True, False])
def test_a_case_is_proved_at_every_step_of_its_way(play: Callable[..., Play], hot: bool) -> None:
    case = play(hot=hot)
    for act in (
        lambda: case.do("take_in"),
        lambda: case.wait(1),
        lambda: case.do("repair"),
        lambda: case.wait(5),
    ):
        act()
        assert verify_case(case.cases, case.id).whole, verify_case(case.cases, case.id).text


def test_claims_hand_overs_pauses_and_moved_deadlines_are_part_of_the_proof(
    play: Callable[..., Play],
) -> None:
    case = play()
    case.do("take_in")
    cases, people, now = case.cases, case.people, case.clock.now
    repair = case.task("repair")
    worklist.claim(cases, case.number, repair, actor=people.li_gong, now=now)
    steering.pause(
        cases,
        case.number,
        reason=steering.pause_reasons(cases, case.number)[0][0],
        actor=people.sun_jing,
        now=now,
    )
    case.clock.advance(hours=1)
    steering.resume(cases, case.number, actor=people.sun_jing, now=case.clock.now)
    worklist.reassign(
        cases,
        case.number,
        repair,
        person="wang_gong",
        reason="在外地",
        actor=people.sun_jing,
        now=case.clock.now,
    )
    with case.database.read() as tx:
        timer = tx.execute(select(Timer.id).where(Timer.element == "remind_due")).scalar_one()
    due = case.clock.now.replace(year=2027)
    steering.move_deadline(
        cases, case.number, timer, due_at=due, reason="备件延误", actor=people.guan_li, now=case.clock.now
    )
    verification = verify_case(cases, case.id)
    assert verification.whole, verification.text


def test_a_cancelled_case_is_proved_to_its_end(play: Callable[..., Play]) -> None:
    case = play()
    case.do("take_in")
    steering.cancel(
        case.cases,
        case.number,
        reason="重复报修",
        actor=case.people.guan_li,
        now=case.clock.advance(minutes=1),
    )
    verification = verify_case(case.cases, case.id)
    assert verification.whole, verification.text


def rewrite(case: Play, seq: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change one event and hash the whole chain anew, as somebody with all rights in the database could."""
    with case.database.write() as tx:
        histories.disarm(tx)
        head = history.GENESIS
        for row in history.of_case(tx, case.id):
            content = row.content
            if row.seq == seq:
                change(content)
            forged = row._replace(data=history.canonical(content), prev_hash=head)
            head = history.chain(head, forged)
            where = (Event.case_id == case.id, Event.seq == row.seq)
            tx.execute(
                update(Event).where(*where).values(data=forged.data, prev_hash=forged.prev_hash, hash=head)
            )
        histories.set_head(tx, case.id, row.seq, head)


def other_value(content: dict[str, Any]) -> None:
    content["path"][0]["d"]["take_in"] = {"note": "别的"}


def shorter_path(content: dict[str, Any]) -> None:
    content["path"].pop()


def other_result(content: dict[str, Any]) -> None:
    content["results"][0][2] = "2030-01-01T00:00:00+00:00"


def other_question(content: dict[str, Any]) -> None:
    content["results"][0][1] = ["wait"]


def one_answer_too_many(content: dict[str, Any]) -> None:
    content["results"].append(["now", [], "2026-03-02T01:00:00+00:00"])


@pytest.mark.parametrize(
    "forge",
    [other_value, shorter_path, other_question, one_answer_too_many],
    ids=lambda forge: forge.__name__,
)
def test_a_forged_event_differs_even_when_the_whole_chain_was_hashed_anew(
    play: Callable[..., Play], forge: Callable[[dict[str, Any]], None]
) -> None:
    case = play()
    case.finish()
    rewrite(case, 2, forge)
    verification = verify_case(case.cases, case.id)
    assert verification.chain_whole
    assert verification.first_difference is not None
    assert verification.first_difference.seq == 2
    assert verification.first_difference.text.zh and verification.first_difference.text.en


def test_a_forged_deadline_shows_in_the_state(play: Callable[..., Play]) -> None:
    case = play()
    rewrite(case, 1, other_result)
    verification = verify_case(case.cases, case.id)
    assert verification.chain_whole and not verification.reexecuted
    assert "stored state" in verification.text.en


def test_a_forged_end_is_named(play: Callable[..., Play]) -> None:
    case = play()
    case.finish()
    with case.database.write() as tx:
        tx.execute(update(Case).values(outcome="elsewhere"))
    assert "expected the end to be" in verify_case(case.cases, case.id).text.en


def test_a_broken_chain_is_not_run(play: Callable[..., Play]) -> None:
    case = play()
    case.finish()
    with case.database.write() as tx:
        histories.disarm(tx)
        tx.execute(update(Event).where(Event.seq == 4).values(actor="wang_gong"))
    verification = verify_case(case.cases, case.id)
    assert verification.first_broken == 4
    assert "cannot be trusted from event 4 on" in verification.text.en


def test_all_cases_are_verified_and_the_broken_ones_are_listed(play: Callable[..., Play]) -> None:
    first, second = play(), play()
    first.finish()
    assert verify_all(first.cases).whole
    rewrite(second, 1, shorter_path)
    report = verify_all(first.cases)
    assert (report.cases, report.events, len(report.broken)) == (2, 8, 1)
    assert second.number in report.lines[0] and "2 cases with 8 events" in report.lines[-1]


def test_an_unknown_case_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        verify_case(Cases(database), uuid4())


def test_the_record_of_a_step_is_json_that_reads_back(play: Callable[..., Play]) -> None:
    case = play()
    case.finish()
    with case.database.read() as tx:
        for row in history.of_case(tx, case.id):
            assert history.canonical(json.loads(row.data)) == row.data

"""The transaction: a step is all or nothing, counts once, and keeps what a person typed when a diagram fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, insert, select

from engine.acts import incidents, timers, worklist
from engine.acts.cast import People, admit
from engine.acts.replay import verify_case
from engine.bpmn import releases
from engine.bpmn.runtime import Run
from engine.cases import AlreadyApplied, Cases, IncidentRaised, Opening
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection, Unavailable
from engine.foundation.ids import new_id
from engine.foundation.models import (
    AccessLog,
    Case,
    Contract,
    Customer,
    Draft,
    Event,
    Incident,
    Outbox,
    QueueCount,
    Task,
    Timer,
)
from engine.foundation.settings import Settings
from engine.record.history import of_case
from tests.conftest import MONDAY, Clock
from tests.engine import small_release

CUSTOMER = "滨江会展中心"
TABLES = (Case, Task, Timer, Event, Outbox, Incident, QueueCount, Draft)


class Shop:
    """The small release at work in one database."""

    def __init__(self, database: Database, people: People, clock: Clock, *, live_cases: int = 2000) -> None:
        self.database, self.people, self.clock = database, people, clock
        self.cases = Cases(database, Settings(live_cases=live_cases))

    def open(self, process: str = "small", *, key: str | None = None) -> UUID:
        """Open a case for the customer."""
        opening = Opening(process, {"customer": CUSTOMER, "title": "t"})
        return self.cases.start(opening, actor=self.people.chen_min, now=self.clock.now, key=key)

    def task(self, case: UUID, element: str) -> Any:
        """The open task."""
        with self.database.read() as tx:
            query = select(Task.__table__).where(Task.case_id == case, Task.element == element)
            return tx.execute(query).one()

    def do(
        self, case: UUID, element: str, note: str = "n", *, by: str = "chen_min", key: str | None = None
    ) -> None:
        """Complete a task."""
        task = self.task(case, element)
        with self.cases.step(case, actor=self.people[by], now=self.clock.now, key=key) as step:
            step.complete(task.id, {"note": note})

    def complete_and_break(self, case: UUID, task: UUID) -> None:
        """Something unforeseen happens after the verb."""
        with self.cases.step(case, actor=self.people.chen_min, now=self.clock.now) as step:
            step.complete(task, {"note": "x"})
            _ = 1 / 0

    def row(self, case: UUID) -> Any:
        """The case's columns."""
        with self.database.read() as tx:
            return tx.execute(select(Case.__table__).where(Case.id == case)).one()

    def history(self, case: UUID) -> list[Any]:
        """What happened: (kind, element, moment)."""
        with self.database.read() as tx:
            return [(e.kind, e.element, e.at) for e in of_case(tx, case)]

    def incident(self, case: UUID) -> Any:
        """The only incident of a case."""
        with self.database.read() as tx:
            return tx.execute(select(Incident.__table__).where(Incident.case_id == case)).one()

    def retry(self, case: UUID, *, by: str = "guan_li") -> None:
        """Run the failed command again."""
        number, incident = self.row(case).number, self.incident(case).id
        incidents.retry(self.cases, number, incident, actor=self.people[by], now=self.clock.now)

    def sign(self) -> None:
        """The customer gets a contract: what failed can succeed now."""
        with self.database.write() as tx:
            customer = tx.execute(select(Customer.id).where(Customer.name == CUSTOMER)).scalar_one()
            days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
            values = {"id": new_id(MONDAY), "customer_id": customer, "number": "HT-1", "coverage": "gold"}
            tx.execute(insert(Contract).values(**values, **days))

    def everything(self) -> dict[str, list[Any]]:
        """All rows of all tables that a step writes."""
        with self.database.read() as tx:
            return {t.__tablename__: sorted(map(repr, tx.execute(select(t.__table__)).all())) for t in TABLES}

    def proved(self, case: UUID) -> None:
        """The history re-executes."""
        verdict = verify_case(self.cases, case)
        assert verdict.whole, verdict.text.en


def furnished(database: Database, clock: Clock) -> People:
    """People, customer and release."""
    with database.write() as tx:
        people = admit(tx, at=clock.now)
        tx.execute(insert(Customer).values(id=new_id(clock.now), name=CUSTOMER, language="zh"))
        releases.publish(tx, small_release.files(), actor="xie_liu", at=clock.now, note="")
    return people


@pytest.fixture
def shop(database: Database, clock: Clock) -> Shop:
    """The small release at work, on each kind of database."""
    return Shop(database, furnished(database, clock), clock)


class TestOneTransaction:
    def test_an_error_in_the_block_changes_nothing(self, shop: Shop) -> None:
        case = shop.open()
        task, before = shop.task(case, "take_in"), shop.everything()
        with pytest.raises(ZeroDivisionError):
            shop.complete_and_break(case, task.id)
        assert shop.everything() == before
        shop.do(case, "take_in")
        shop.proved(case)

    def test_a_refusal_changes_nothing_but_the_access_log(self, shop: Shop) -> None:
        case = shop.open()
        before = shop.everything()
        with pytest.raises(Forbidden):
            shop.do(case, "take_in", by="han_cai")
        assert shop.everything() == before
        with shop.database.read() as tx:
            assert tx.execute(select(AccessLog.actor, AccessLog.allowed)).tuples().all() == [
                ("han_cai", False)
            ]

    def test_one_step_writes_task_timer_event_count_and_state_together(self, shop: Shop) -> None:
        case = shop.open()
        shop.do(case, "take_in")
        row = shop.row(case)
        assert (row.version, row.head_seq, row.handler) == (2, 2, "chen_min")
        assert shop.task(case, "finish").due_at == shop.clock.now + timedelta(minutes=10)
        assert [k for k, _, _ in shop.history(case)] == ["case:start", "task:complete"]

    def test_a_case_that_nobody_knows_is_not_found(self, shop: Shop) -> None:
        with (
            pytest.raises(NotFound),
            shop.cases.step(uuid4(), actor=shop.people.chen_min, now=shop.clock.now),
        ):
            pass

    def test_the_clock_of_a_case_never_runs_backwards(self, shop: Shop) -> None:
        case = shop.open()
        with shop.cases.step(
            case, actor=shop.people.chen_min, now=shop.clock.now - timedelta(hours=1)
        ) as step:
            step.claim(shop.task(case, "take_in").id)
        moments = [at for _, _, at in shop.history(case)]
        assert moments == sorted(moments)


class TestTheSameRequestTwice:
    def test_a_start_with_the_same_key_opens_one_case(self, shop: Shop) -> None:
        key = str(uuid4())
        case = shop.open(key=key)
        with pytest.raises(AlreadyApplied) as again:
            shop.open(key=key)
        assert (again.value.case_id, again.value.seq) == (case, 1)
        with shop.database.read() as tx:
            assert tx.execute(select(func.count()).select_from(Case)).scalar_one() == 1

    def test_the_worklist_answers_the_second_start_like_the_first(self, shop: Shop) -> None:
        key = str(uuid4())
        given = {"customer": CUSTOMER, "title": "t"}
        numbers = [
            worklist.start(
                shop.cases, "small", given, actor=shop.people.chen_min, now=shop.clock.now, key=key
            )
            for _ in range(2)
        ]
        assert numbers[0] == numbers[1]

    def test_a_completion_with_the_same_key_counts_once(self, shop: Shop) -> None:
        case, key = shop.open(), str(uuid4())
        task = shop.task(case, "take_in")
        for _ in range(2):
            worklist.complete(
                shop.cases,
                shop.row(case).number,
                task.id,
                {"note": "x"},
                actor=shop.people.chen_min,
                now=shop.clock.now,
                key=key,
            )
        assert len(shop.history(case)) == 2
        shop.proved(case)

    def test_requests_with_one_key_that_come_together_count_once(self, shop: Shop) -> None:
        case, key, waiting = shop.open(), str(uuid4()), threading.Barrier(4)
        rows: list[int] = []

        def send() -> None:
            cases = Cases(shop.database, shop.cases.settings)  # as another process would
            waiting.wait(20)
            try:
                with cases.step(case, actor=shop.people.chen_min, now=shop.clock.now, key=key) as step:
                    step.note("said once")
            except AlreadyApplied as applied:
                rows.append(applied.seq)

        _together(send, send, send, send)
        assert [kind for kind, _, _ in shop.history(case)] == ["case:start", "note:add"]
        assert rows == [2, 2, 2]

    def test_a_repeated_key_names_the_row_that_it_made(self, shop: Shop) -> None:
        case, key = shop.open(), str(uuid4())
        task = shop.task(case, "take_in")
        shop.do(case, "take_in", key=key)
        with (
            pytest.raises(AlreadyApplied) as again,
            shop.cases.step(case, actor=shop.people.chen_min, now=shop.clock.now, key=key) as step,
        ):
            step.complete(task.id, {"note": "n"})
        assert again.value.seq == 2

    def test_another_request_on_a_finished_task_is_a_conflict(self, shop: Shop) -> None:
        case = shop.open()
        task = shop.task(case, "take_in")
        shop.do(case, "take_in", key=str(uuid4()))
        with (
            pytest.raises(Conflict, match="陈敏"),
            shop.cases.step(case, actor=shop.people.he_jie, now=shop.clock.now, key=str(uuid4())) as step,
        ):
            step.complete(task.id, {"note": "n"})


class TestIncidents:
    def test_a_failing_diagram_keeps_the_input_and_changes_nothing_else(self, shop: Shop) -> None:
        case = shop.open()
        before = shop.everything()
        with pytest.raises(IncidentRaised) as raised:
            shop.do(case, "take_in", "risky")
        kept = shop.incident(case)
        assert raised.value.incident_id == kept.id and kept.command["input"] == {"answers": {"note": "risky"}}
        assert (kept.actor, kept.process, kept.element, kept.attempts) == ("chen_min", "small", "rate", 1)
        assert "kept" in raised.value.text.en and "已保存" in raised.value.text.zh
        after = shop.everything()
        for table in ("task", "timer", "event", "outbox", "queue_count"):
            assert after[table] == before[table]
        assert shop.row(case).open_incidents == 1

    def test_a_retry_after_the_cause_is_gone_uses_the_kept_input(self, shop: Shop) -> None:
        case = shop.open()
        with pytest.raises(IncidentRaised):
            shop.do(case, "take_in", "risky")
        with pytest.raises(IncidentRaised):
            shop.retry(case)
        assert shop.incident(case).attempts == 2
        shop.sign()
        shop.clock.advance(minutes=5)
        shop.retry(case)
        settled = shop.incident(case)
        assert (settled.resolved_by, settled.resolved_at) == ("guan_li", shop.clock.now)
        assert shop.row(case).open_incidents == 0
        assert shop.task(case, "finish") is not None
        with shop.database.read() as tx:
            done = of_case(tx, case)[-1]
        assert (done.actor, done.content["input"]["answers"]) == ("chen_min", {"note": "risky"})
        with pytest.raises(Conflict):
            shop.retry(case)
        shop.proved(case)

    def test_the_person_may_try_again_instead_and_it_is_one_incident(self, shop: Shop) -> None:
        case = shop.open()
        for _ in range(3):
            with pytest.raises(IncidentRaised):
                shop.do(case, "take_in", "risky")
        assert shop.incident(case).attempts == 3 and shop.row(case).open_incidents == 1

    def test_only_those_who_look_after_the_procedures_retry(self, shop: Shop) -> None:
        case = shop.open()
        with pytest.raises(IncidentRaised):
            shop.do(case, "take_in", "risky")
        with pytest.raises(Forbidden):
            shop.retry(case, by="chen_min")

    def test_a_case_whose_start_fails_exists_and_starts_later(self, shop: Shop) -> None:
        key = str(uuid4())
        with pytest.raises(IncidentRaised) as raised:
            shop.open("shaky", key=key)
        case = raised.value.case_id
        assert (shop.row(case).status, shop.row(case).open_incidents) == ("incident", 1)
        with pytest.raises(IncidentRaised):
            shop.retry(case)
        shop.sign()
        shop.retry(case)
        assert (shop.row(case).status, shop.row(case).open_incidents) == ("new", 0)
        shop.do(case, "look")
        assert shop.row(case).outcome == "seen"
        shop.proved(case)

    def test_a_case_is_started_once_by_two_who_retry_at_the_same_moment(self, shop: Shop) -> None:
        with pytest.raises(IncidentRaised) as raised:
            shop.open("shaky")
        case, failed = raised.value.case_id, raised.value.incident_id
        shop.sign()
        both = {"actor": shop.people.chen_min, "now": shop.clock.now, "resolver": shop.people.guan_li}
        shop.cases.restart(case, failed, **both)
        with pytest.raises(Conflict, match="settled already"):
            shop.cases.restart(case, failed, **both)
        assert [kind for kind, _element, _at in shop.history(case)] == ["case:start"]
        shop.do(case, "look")
        shop.proved(case)

    def test_the_same_start_sent_again_after_it_failed_opens_no_second_case(self, shop: Shop) -> None:
        key = str(uuid4())
        with pytest.raises(IncidentRaised) as raised:
            shop.open("shaky", key=key)
        with pytest.raises(AlreadyApplied) as again:
            shop.open("shaky", key=key)
        case = raised.value.case_id
        assert again.value.case_id == case
        assert (shop.incident(case).attempts, shop.row(case).open_incidents) == (1, 1)

    def test_a_timer_that_fails_is_put_aside_and_fires_at_its_own_moment_when_retried(
        self, shop: Shop
    ) -> None:
        case = shop.open()
        shop.do(case, "take_in", "brittle")
        due = shop.clock.now + timedelta(minutes=10)
        shop.clock.advance(minutes=30)
        assert timers.fire_due(shop.cases, now=shop.clock.now) == 0
        assert timers.fire_due(shop.cases, now=shop.clock.now) == 0
        assert shop.incident(case).attempts == 1, "a blocked timer is not tried again and again"
        shop.sign()
        shop.retry(case)
        assert shop.history(case)[-1] == ("timer:fire", "finish_overdue", due)
        shop.do(case, "finish", by="li_gong")
        assert shop.row(case).outcome == "done"
        shop.proved(case)

    def test_a_failed_timer_does_not_hold_up_the_person(self, shop: Shop) -> None:
        case = shop.open()
        shop.do(case, "take_in", "brittle")
        shop.clock.advance(minutes=30)
        shop.do(case, "finish", by="li_gong")
        assert shop.row(case).outcome == "done"

    def test_the_live_run_of_a_failed_step_is_thrown_away(self, shop: Shop) -> None:
        case = shop.open()
        with pytest.raises(IncidentRaised):
            shop.do(case, "take_in", "risky")
        shop.do(case, "take_in", "plain")
        shop.do(case, "finish", by="li_gong")
        assert shop.row(case).outcome == "done"
        shop.proved(case)


class TestTimers:
    def test_after_downtime_everything_fires_once_in_due_order_at_its_own_moment(self, shop: Shop) -> None:
        cases = [shop.open("ladder"), shop.open("ladder")]
        since = shop.clock.now
        shop.clock.advance(days=2)
        assert timers.fire_due(shop.cases, now=shop.clock.now) == 6
        for case in cases:
            fired = [
                (element, at - since) for kind, element, at in shop.history(case) if kind == "timer:fire"
            ]
            assert fired == [
                ("first_over", timedelta(minutes=60)),
                ("beside_over", timedelta(minutes=90)),
                ("second_over", timedelta(minutes=120)),
            ]
            shop.proved(case)
        assert timers.fire_due(shop.cases, now=shop.clock.now) == 0

    def test_a_person_who_comes_first_finds_the_timers_fired(self, shop: Shop) -> None:
        case = shop.open("ladder")
        since = shop.clock.now
        steady, late = shop.task(case, "steady"), shop.task(case, "first_step")
        shop.clock.advance(days=2)
        with (
            pytest.raises(Conflict, match="moved on"),
            shop.cases.step(case, actor=shop.people.chen_min, now=shop.clock.now) as step,
        ):
            step.complete(late.id, {"note": "too late"})
        assert [at - since for kind, _, at in shop.history(case) if kind == "timer:fire"] == [
            timedelta(minutes=m) for m in (60, 90, 120)
        ]
        with shop.cases.step(case, actor=shop.people.chen_min, now=shop.clock.now) as step:
            step.complete(steady.id, {"note": "in time"})
        assert shop.row(case).ended_at == shop.clock.now
        shop.proved(case)

    def test_two_processes_fire_each_timer_once(self, shop: Shop) -> None:
        opened = [shop.open("ladder") for _ in range(6)]
        shop.clock.advance(days=1)
        both = [shop.cases, Cases(shop.database, shop.cases.settings)]
        fired = [0, 0]

        def tick(n: int) -> None:
            fired[n] += timers.fire_due(both[n], now=shop.clock.now)

        _together(lambda: tick(0), lambda: tick(1))
        assert sum(fired) == 18
        for case in opened:
            names = [element for kind, element, _ in shop.history(case) if kind == "timer:fire"]
            assert names == ["first_over", "beside_over", "second_over"]
            shop.proved(case)

    def test_a_tick_and_people_at_the_same_time(self, shop: Shop) -> None:
        opened = [shop.open("ladder") for _ in range(6)]
        shop.clock.advance(days=1)
        other = Cases(shop.database, shop.cases.settings)

        def people() -> None:
            for case in reversed(opened):
                shop.do(case, "steady")

        _together(lambda: timers.fire_due(other, now=shop.clock.now), people)
        timers.fire_due(other, now=shop.clock.now)
        for case in opened:
            assert sorted(k for k, _, _ in shop.history(case)) == [
                "case:start",
                "task:complete",
                *["timer:fire"] * 3,
            ]
            assert shop.row(case).ended_at is not None
            shop.proved(case)

    def test_a_timer_that_was_moved_or_is_gone_does_not_fire(self, shop: Shop) -> None:
        case = shop.open()
        with shop.database.read() as tx:
            timer = tx.execute(select(Timer.id, Timer.due_at).where(Timer.case_id == case)).one()
        assert not shop.cases.fire(case, timer.id, at=timer.due_at + timedelta(minutes=1))
        assert shop.cases.fire(case, timer.id, at=timer.due_at)
        assert not shop.cases.fire(case, timer.id, at=timer.due_at)
        assert len(shop.history(case)) == 2


class TestLiveRuns:
    @pytest.mark.parametrize("live_cases", [0, 1, 2000])
    def test_a_run_kept_in_memory_and_one_that_is_loaded_are_the_same(
        self, database: Database, clock: Clock, live_cases: int
    ) -> None:
        people = furnished(database, clock)
        hot = Shop(database, people, clock, live_cases=live_cases)
        keys = [str(UUID(int=n)) for n in (1, 2)]
        one, two = (hot.open("ladder", key=key) for key in keys)
        clock.advance(minutes=61)
        for case in (one, two):
            timers.fire_due(hot.cases, now=clock.now)
            hot.do(case, "second_step")
            with hot.cases.step(case, actor=people.chen_min, now=clock.now) as step:
                fresh = Cases(database, hot.cases.settings)
                assert step.run.dump() == _loaded(fresh, database, case)
                step.complete(hot.task(case, "steady").id, {"note": "n"})
            hot.proved(case)

    def test_a_run_that_another_process_moved_on_is_loaded_again(self, shop: Shop) -> None:
        other = Shop(shop.database, shop.people, shop.clock)
        case = shop.open()
        other.do(case, "take_in")
        shop.do(case, "finish", by="li_gong")
        assert shop.row(case).outcome == "done"
        shop.proved(case)


class TestUnavailable:
    def test_a_locked_database_says_so_and_the_same_request_succeeds_later(self, shop: Shop) -> None:
        case, key = shop.open(), str(uuid4())
        impatient = Shop(_impatient(shop.database), shop.people, shop.clock)
        before = shop.everything()
        with shop.database.write() as tx:
            tx.execute(select(Case.id).where(Case.id == case).with_for_update())
            with pytest.raises(Unavailable, match="nothing was changed"):
                impatient.do(case, "take_in", key=key)
        assert shop.everything() == before
        impatient.do(case, "take_in", key=key)
        assert len(shop.history(case)) == 2
        impatient.database.dispose()
        shop.proved(case)


class Counting(RuleBasedStateMachine):
    """Whatever people and time do, the counters of the queues say what is open and unassigned."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.database = Database("sqlite://")
        self.database.create_schema()
        self.shop = Shop(self.database, furnished(self.database, self.clock), self.clock, live_cases=2)
        self.opened: list[UUID] = []

    def teardown(self) -> None:
        for case in self.opened:
            self.shop.proved(case)
        self.database.dispose()

    @precondition(lambda self: len(self.opened) < 4)
    @rule(process=st.sampled_from(["small", "ladder"]))
    def open(self, process: str) -> None:
        self.opened.append(self.shop.open(process))

    @rule(pick=st.integers(0, 99), by=st.sampled_from(["chen_min", "he_jie", "li_gong", "wang_gong"]))
    def claim(self, pick: int, by: str) -> None:
        self.act(pick, by, lambda step, task: step.claim(task.id))

    @rule(pick=st.integers(0, 99), by=st.sampled_from(["chen_min", "li_gong", "sun_jing"]))
    def release(self, pick: int, by: str) -> None:
        self.act(pick, by, lambda step, task: step.release(task.id))

    @rule(pick=st.integers(0, 99), to=st.sampled_from(["chen_min", "he_jie", "li_gong", "wang_gong"]))
    def reassign(self, pick: int, to: str) -> None:
        self.act(pick, "sun_jing", lambda step, task: step.reassign(task.id, person=to, reason="r"))

    @rule(
        pick=st.integers(0, 99),
        by=st.sampled_from(["chen_min", "li_gong"]),
        note=st.sampled_from(["plain", "risky"]),
    )
    def complete(self, pick: int, by: str, note: str) -> None:
        self.act(pick, by, lambda step, task: step.complete(task.id, {"note": note}))

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        if pick < len(self.opened):
            self.attempt(self.opened[pick], "guan_li", lambda step: step.cancel(reason="r"))

    @rule(minutes=st.sampled_from([1, 15, 70]))
    def wait(self, minutes: int) -> None:
        timers.fire_due(self.shop.cases, now=self.clock.advance(minutes=minutes))

    @invariant()
    def counts_are_right(self) -> None:
        with self.database.read() as tx:
            counted = select(QueueCount.group_id, func.sum(QueueCount.open)).group_by(QueueCount.group_id)
            kept = {group: n for group, n in tx.execute(counted).tuples() if n}
            open_ones = select(Task.group_id, func.count()).where(
                Task.kind == "task", Task.assignee.is_(None)
            )
            assert kept == dict(tx.execute(open_ones.group_by(Task.group_id)).tuples().all())

    @invariant()
    def versions_and_heads_are_right(self) -> None:
        with self.database.read() as tx:
            heads = select(Event.case_id, func.max(Event.seq)).group_by(Event.case_id)
            kept = dict(tx.execute(select(Case.id, Case.head_seq)).tuples().all())
            assert kept == dict(tx.execute(heads).tuples().all())

    def act(self, pick: int, by: str, verb: Callable[[Any, Any], None]) -> None:
        with self.database.read() as tx:
            tasks = tx.execute(select(Task.__table__).order_by(Task.created_at, Task.id)).all()
        if tasks:
            task = tasks[pick % len(tasks)]
            self.attempt(task.case_id, by, lambda step: verb(step, task))

    def attempt(self, case: UUID, by: str, verb: Callable[[Any], None]) -> None:
        try:
            with self.shop.cases.step(case, actor=self.shop.people[by], now=self.clock.now) as step:
                verb(step)
        except (Rejection, IncidentRaised):
            pass


TestCounting = Counting.TestCase
TestCounting.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def _together(*jobs: Callable[[], object]) -> None:
    """Run the jobs at the same time; the first error of any is raised."""
    failures: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def _loaded(cases: Cases, database: Database, case: UUID) -> bytes:
    """The bytes of the run as a process that never saw it loads and stores it."""
    with database.read() as tx:
        row = tx.execute(select(Case.state, Case.release).where(Case.id == case)).one()
    library = cases.library(row.release)
    return Run.load(
        library=library, state=row.state, case_id=case, functions={}, services=lambda *_: None
    ).dump()


def _impatient(database: Database) -> Database:
    """Another process on the same database, which waits a tenth of a second for a lock."""
    return Database(database.url, busy_seconds=0.1)

"""Promises run on working time, stop only for the customer, and never get better by being paused late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.desk.calendar import standard_calendars
from engine.desk.deadlines import Armed, Clock, Limit, checked_reason, due_at, start_clock
from engine.foundation.errors import Conflict, Rejection, ShouhouError

CALENDARS = standard_calendars()
NINE = datetime(2026, 1, 5, 1, tzinfo=UTC)  # Monday 09:00 in Shanghai
HOUR = timedelta(hours=1)
RESTORE = Limit("restore", 480, "working", "customer", "case")
ACCEPT = Limit("accept", 60, "working", "internal", "step")


def restoring(at: datetime = NINE) -> Clock:
    return start_clock(RESTORE, at=at, calendars=CALENDARS)


def state(clock: Clock, at: datetime) -> str:
    return clock.state(at=at, calendars=CALENDARS)


limits = st.builds(
    Limit,
    st.just("restore"),
    st.integers(1, 20_000),
    st.sampled_from(["always", "working"]),
    st.sampled_from(["customer", "internal", "supplier"]),
    st.just("case"),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))
delays = st.timedeltas(timedelta(0), timedelta(days=40))


class TestAPromise:
    def test_eight_working_hours_from_nine_end_at_six(self) -> None:
        assert restoring().due_at == NINE + 9 * HOUR

    def test_it_is_at_risk_from_eighty_percent_and_overdue_after_its_due_moment(self) -> None:
        clock = restoring()
        risky = NINE + timedelta(minutes=480 * 0.8 + 60)
        assert state(clock, risky - timedelta(minutes=1)) == "on_track"
        assert state(clock, risky) == "at_risk"
        assert state(clock, NINE + 9 * HOUR) == "at_risk"
        assert state(clock, NINE + 9 * HOUR + timedelta(microseconds=1)) == "overdue"

    def test_it_is_met_on_time_and_missed_late_and_the_first_time_counts(self) -> None:
        clock = restoring()
        met, missed = clock.meet(at=NINE + 9 * HOUR), clock.meet(at=NINE + 10 * HOUR)
        assert state(met, NINE + 90 * HOUR) == "met"
        assert state(missed, NINE + 90 * HOUR) == "missed"
        assert missed.breached_at == clock.due_at
        assert met.meet(at=NINE + 50 * HOUR) == met

    def test_what_is_used_stops_when_it_is_met(self) -> None:
        met = restoring().meet(at=NINE + 2 * HOUR)
        assert met.used_percent(at=NINE + 99 * HOUR, calendars=CALENDARS) == pytest.approx(25)

    def test_an_unknown_calendar_is_named(self) -> None:
        with pytest.raises(ShouhouError, match="found lunar"):
            start_clock(Limit("x", 1, "lunar", "customer", "case"), at=NINE, calendars=CALENDARS)


class TestAPause:
    def test_it_keeps_the_minutes_left_and_gives_them_back(self) -> None:
        paused = restoring().pause(at=NINE + 2 * HOUR, calendars=CALENDARS)
        assert paused.remaining == 360 and paused.due_at is None
        assert state(paused, NINE + 500 * HOUR) == "paused"
        resumed = paused.resume(at=NINE + 24 * HOUR, calendars=CALENDARS)
        assert resumed.due_at == NINE + 24 * HOUR + 7 * HOUR
        assert state(resumed, NINE + 24 * HOUR) == "on_track"

    def test_it_moves_only_the_customers_clock(self) -> None:
        for whose in ("internal", "supplier"):
            clock = start_clock(Limit("x", 60, "always", whose, "case"), at=NINE, calendars=CALENDARS)
            assert clock.pause(at=NINE, calendars=CALENDARS) == clock
            timer = Armed(clock=whose, calendar="always", due_at=NINE + HOUR)
            assert timer.pause(at=NINE, calendars=CALENDARS) == timer

    def test_it_does_not_mend_a_broken_promise(self) -> None:
        clock, late = restoring(), NINE + 30 * HOUR
        paused = clock.pause(at=late, calendars=CALENDARS)
        assert state(paused, late) == "overdue" and paused.breached_at == clock.due_at
        assert paused.resume(at=late + HOUR, calendars=CALENDARS).due_at == clock.due_at

    def test_pausing_twice_is_refused(self) -> None:
        paused = restoring().pause(at=NINE + HOUR, calendars=CALENDARS)
        with pytest.raises(Conflict, match="is paused already"):
            paused.pause(at=NINE + 2 * HOUR, calendars=CALENDARS)

    def test_a_promise_met_while_paused_is_met(self) -> None:
        paused = restoring().pause(at=NINE + HOUR, calendars=CALENDARS)
        assert state(paused.meet(at=NINE + 99 * HOUR), NINE + 99 * HOUR) == "met"

    def test_waiting_for_parts_is_no_reason(self) -> None:
        assert checked_reason("customer_decision") == "customer_decision"
        with pytest.raises(Rejection, match="Expected one of these reasons"):
            checked_reason("waiting_for_parts")


class TestPercentages:
    def test_half_of_a_step_limit(self) -> None:
        assert due_at(ACCEPT, started_at=NINE, calendars=CALENDARS, percent=50) == NINE + HOUR / 2

    def test_a_moment_that_has_passed_is_now(self) -> None:
        assert restoring().moment(50, at=NINE + 6 * HOUR, calendars=CALENDARS) == NINE + 6 * HOUR

    def test_the_due_moment_is_told_even_when_it_has_passed(self) -> None:
        assert restoring().moment(100, at=NINE + 60 * HOUR, calendars=CALENDARS) == NINE + 9 * HOUR

    @settings(max_examples=150, deadline=None)
    @given(limits, moments, delays, st.integers(1, 100))
    def test_seen_later_a_coming_moment_is_the_same(
        self, limit: Limit, start: datetime, later: timedelta, percent: int
    ) -> None:
        clock = start_clock(limit, at=start, calendars=CALENDARS)
        planned = due_at(limit, started_at=start, calendars=CALENDARS, percent=percent)
        seen = clock.moment(percent, at=start + later, calendars=CALENDARS)
        if start + later < planned:
            assert abs(seen - planned) <= timedelta(microseconds=2)
        elif percent < 100:
            assert seen - (start + later) <= timedelta(microseconds=2)


class TestLaws:
    @settings(max_examples=200, deadline=None)
    @given(limits, moments, st.lists(st.tuples(delays, delays), max_size=4))
    def test_pauses_neither_make_nor_lose_time(
        self, limit: Limit, start: datetime, pauses: list[tuple[timedelta, timedelta]]
    ) -> None:
        clock, at, worked = start_clock(limit, at=start, calendars=CALENDARS), start, 0.0
        calendar = CALENDARS[limit.calendar]
        for running, waiting in pauses:
            worked += calendar.working_minutes(at, at + running)
            at += running
            clock = clock.pause(at=at, calendars=CALENDARS)
            if clock.paused_at is None:
                break
            clock = clock.resume(at=at + waiting, calendars=CALENDARS)
            at += waiting
        left = clock.left(at=at, calendars=CALENDARS)
        assert worked + left == pytest.approx(limit.minutes, abs=1e-4)

    @settings(max_examples=100, deadline=None)
    @given(limits, moments, delays, delays)
    def test_a_timer_moves_exactly_like_its_promise(
        self, limit: Limit, start: datetime, running: timedelta, waiting: timedelta
    ) -> None:
        clock = start_clock(limit, at=start, calendars=CALENDARS)
        timer = Armed(clock=limit.clock, calendar=limit.calendar, due_at=clock.due_at)
        at = start + running
        clock, timer = clock.pause(at=at, calendars=CALENDARS), timer.pause(at=at, calendars=CALENDARS)
        clock = clock.resume(at=at + waiting, calendars=CALENDARS)
        assert timer.resume(at=at + waiting, calendars=CALENDARS).due_at == clock.due_at

    @settings(max_examples=100, deadline=None)
    @given(limits, moments, delays, delays)
    def test_a_running_promise_only_gets_worse(
        self, limit: Limit, start: datetime, one: timedelta, other: timedelta
    ) -> None:
        clock = start_clock(limit, at=start, calendars=CALENDARS)
        first, second = sorted((start + one, start + other))
        order = ["on_track", "at_risk", "overdue"]
        assert order.index(state(clock, first)) <= order.index(state(clock, second))

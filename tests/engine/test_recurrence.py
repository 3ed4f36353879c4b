"""Rounds come when the rule, the calendar and the time zone say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.desk.holidays_cn import ChinaDays, Weekdays
from engine.foundation.errors import ShouhouError
from engine.foundation.recurrence import Recurrence, read_recurrence

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
CHINA = ChinaDays().is_working
RULES = st.one_of(
    st.builds(lambda n, d: f"every {n} months day={d} time=09:00", st.integers(1, 24), st.integers(1, 31)),
    st.builds(lambda n, d: f"every {n} weeks weekday={d} time=02:30", st.integers(1, 8), st.integers(1, 7)),
)


def every_day(_day: date) -> bool:
    """No holidays."""
    return True


def rounds(
    written: str, *, after: datetime, count: int, zone: str = SHANGHAI, first: date | None = None
) -> list[str]:
    """The next rounds in the local time of the zone."""
    rule, given_first = read_recurrence(written), {"first": first} if first else {}
    number = rule.next_round(after, zone=zone, working=CHINA, **given_first)
    moments = (rule.moment(number + n, zone=zone, working=CHINA, **given_first) for n in range(count))
    return [f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for moment in moments]


def test_a_round_on_a_holiday_waits_for_the_next_working_day() -> None:
    after = datetime(2026, 1, 15, tzinfo=UTC)
    # 1 February is a Sunday, 1 May and 1 October are holidays with days off behind them.
    assert rounds("monthly day=1 time=09:00", after=after, count=2) == [
        "2026-02-02 09:00",
        "2026-03-02 09:00",
    ]
    assert rounds("every 12 months day=1 time=09:00", after=after, count=1, first=date(2026, 5, 1)) == [
        "2026-05-06 09:00"
    ]


def test_quarters_begin_with_the_year() -> None:
    after = datetime(2026, 1, 15, tzinfo=UTC)
    assert rounds("every 3 months day=10 time=09:00", after=after, count=2) == [
        "2026-04-10 09:00",
        "2026-07-10 09:00",
    ]


def test_a_short_month_ends_early() -> None:
    after = datetime(2026, 2, 5, tzinfo=UTC)  # 28 February is a Saturday that is worked
    assert rounds("monthly day=31 time=09:00", after=after, count=1) == ["2026-02-28 09:00"]


def test_the_local_time_stays_when_the_clocks_change() -> None:
    rule = read_recurrence("every 1 weeks weekday=1 time=09:00")
    number = rule.next_round(datetime(2026, 3, 1, tzinfo=UTC), zone=NEW_YORK, working=every_day)
    first, second = (rule.moment(number + n, zone=NEW_YORK, working=every_day) for n in (0, 1))
    assert (first, second) == (datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 9, 13, tzinfo=UTC))


def test_a_local_time_that_is_skipped_comes_an_hour_later() -> None:
    rule = read_recurrence("every 1 weeks weekday=7 time=02:30")
    number = rule.next_round(datetime(2026, 3, 7, 12, tzinfo=UTC), zone=NEW_YORK, working=every_day)
    assert rule.moment(number, zone=NEW_YORK, working=every_day) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(RULES, st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_the_next_round_is_the_first_one_later(written: str, after: datetime) -> None:
    rule = read_recurrence(written)
    working = Weekdays().is_working
    number = rule.next_round(after, zone=SHANGHAI, working=working)
    assert rule.moment(number, zone=SHANGHAI, working=working) > after
    if number:
        assert rule.moment(number - 1, zone=SHANGHAI, working=working) <= after
    assert read_recurrence(str(rule)) == rule


def test_a_single_round_is_never_skipped() -> None:
    rule = read_recurrence("once time=09:00")
    assert rule.next_round(datetime(2030, 1, 1, tzinfo=UTC), zone=SHANGHAI, working=CHINA) == 0
    assert rule.nominal(0, first=date(2026, 3, 7)) == date(2026, 3, 7)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "daily",
        "monthly day=32 time=09:00",
        "monthly day=1",
        "every 0 months day=1 time=09:00",
        "once time=24:00",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ShouhouError, match="every 3 months"):
        read_recurrence(written)


def test_it_is_written_as_it_is_read() -> None:
    rule = Recurrence(at=time(8, 30), months=3, day=10)
    assert str(rule) == "every 3 months day=10 time=08:30"

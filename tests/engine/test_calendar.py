"""Working time agrees with a slow, obvious count of minutes, and with the announced year 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.desk.calendar import Always, Hours, WorkingCalendar, read_hours, standard_calendars
from engine.desk.holidays_cn import ChinaDays, Weekdays
from engine.foundation.errors import Rejection

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
WORKING = standard_calendars()["working"]


def shanghai(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def is_open(calendar: WorkingCalendar, hours: Hours, zone: str, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return calendar.is_working_day(local.date()) and any(a <= minute < b for a, b in hours)


def counted(calendar: WorkingCalendar, hours: Hours, zone: str, start: datetime, end: datetime) -> int:
    return sum(
        is_open(calendar, hours, zone, start + number * MINUTE)
        for number in range(int((end - start) / MINUTE))
    )


def walked(calendar: WorkingCalendar, hours: Hours, zone: str, start: datetime, minutes: int) -> datetime:
    at = start
    while minutes:
        minutes -= is_open(calendar, hours, zone, at)
        at += MINUTE
    return at


ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
]
HOURS: list[Hours] = [
    ((540, 720), (780, 1080)),
    ((0, 1440),),
    ((0, 90), (120, 150), (1380, 1440)),
    ((150, 200), (1439, 1440)),
]
CHANGES = [
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 4, 5, tzinfo=UTC),
    datetime(2018, 11, 4, tzinfo=UTC),
    datetime(2018, 2, 18, tzinfo=UTC),
    datetime(2025, 12, 31, tzinfo=UTC),
    datetime(2026, 2, 14, tzinfo=UTC),
    datetime(2026, 10, 1, tzinfo=UTC),
]
zones = st.sampled_from(ZONES)
hours_of_day = st.sampled_from(HOURS)
starts = st.builds(
    lambda base, minutes: base + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(-3 * 1440, 3 * 1440)
)
moments = st.datetimes(datetime(2005, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
amounts = st.one_of(st.integers(0, 500_000), st.floats(0, 500_000, allow_nan=False))


@pytest.fixture(scope="module")
def calendars() -> dict[tuple[str, Hours], WorkingCalendar]:
    return {
        (zone, hours): WorkingCalendar(
            days=ChinaDays() if zone == "Asia/Shanghai" else Weekdays(), hours=hours, zone=zone
        )
        for zone in ZONES
        for hours in HOURS
    }


class TestTheYear2026:
    def test_it_has_248_working_days(self) -> None:
        assert WORKING.working_days(2026) == 248

    def test_its_make_up_days_are_the_announced_six(self) -> None:
        year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
        made_up = [f"{day:%m-%d}" for day in year if day.weekday() >= 5 and WORKING.is_working_day(day)]
        assert made_up == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]

    def test_a_night_before_the_national_holiday_ends_after_it(self) -> None:
        due = WORKING.add_working(shanghai(2026, 9, 30, 17, 30), 60)
        assert due == shanghai(2026, 10, 8, 9, 30)

    def test_a_make_up_sunday_is_open(self) -> None:
        assert WORKING.next_working(shanghai(2026, 1, 3, 12)) == shanghai(2026, 1, 4, 9)


class TestEdgesOfADay:
    @pytest.mark.parametrize(
        ("start", "minutes", "due"),
        [
            ((5, 7, 40), 30, (5, 9, 30)),
            ((5, 9, 0), 180, (5, 12, 0)),
            ((5, 9, 0), 181, (5, 13, 1)),
            ((5, 12, 20), 10, (5, 13, 10)),
            ((5, 17, 59), 1, (5, 18, 0)),
            ((5, 18, 0), 1, (6, 9, 1)),
            ((9, 18, 0), 480, (12, 18, 0)),
            ((10, 11, 0), 5, (12, 9, 5)),
            ((5, 22, 0), 0, (5, 22, 0)),
        ],
    )
    def test_a_limit_ends_where_a_person_would_say(
        self, start: tuple[int, int, int], minutes: int, due: tuple[int, int, int]
    ) -> None:
        assert WORKING.add_working(shanghai(2026, 1, *start), minutes) == shanghai(2026, 1, *due)

    def test_closing_time_is_not_open_and_opening_time_is(self) -> None:
        assert WORKING.next_working(shanghai(2026, 1, 5, 12)) == shanghai(2026, 1, 5, 13)
        assert WORKING.next_working(shanghai(2026, 1, 5, 13)) == shanghai(2026, 1, 5, 13)

    def test_half_a_minute_counts(self) -> None:
        due = WORKING.add_working(shanghai(2026, 1, 5, 9), 0.5)
        assert due == shanghai(2026, 1, 5, 9) + timedelta(seconds=30)

    def test_a_negative_limit_is_refused(self) -> None:
        with pytest.raises(ValueError, match="expected minutes >= 0"):
            WORKING.add_working(shanghai(2026, 1, 5, 9), -1)


class TestForecastYears:
    def test_a_year_not_yet_announced_is_provisional_and_keeps_weekends_and_statutory_days_free(self) -> None:
        assert WORKING.is_provisional(2030) and not WORKING.is_provisional(2026)
        assert not WORKING.is_working_day(date(2030, 10, 1))
        assert not WORKING.is_working_day(date(2030, 9, 28))
        assert WORKING.is_working_day(date(2030, 9, 26))

    def test_a_due_moment_knows_that_it_crossed_a_provisional_year(self) -> None:
        start = shanghai(2026, 12, 31, 17)
        assert not WORKING.crosses_provisional(start, WORKING.add_working(start, 60))
        assert WORKING.crosses_provisional(start, WORKING.add_working(start, 61))

    def test_the_owner_overrides_days_and_confirms_a_year(self) -> None:
        days = {date(2030, 10, 1): True, date(2026, 1, 5): False}
        mine = standard_calendars(overrides=days, confirmed={2030})["working"]
        assert mine.is_working_day(date(2030, 10, 1)) and not mine.is_working_day(date(2026, 1, 5))
        assert not mine.is_provisional(2030) and mine.is_provisional(2031)


class TestHoursAreRead:
    def test_intervals_and_midnight_are_understood(self) -> None:
        assert read_hours("09:00-12:00, 13:00-24:00") == ((540, 720), (780, 1440))

    @pytest.mark.parametrize(
        "words", ["", "9-12", "12:00-09:00", "09:00-12:00,11:00-13:00", "09:00-25:00", "09:70-10:00"]
    )
    def test_nonsense_is_refused_in_a_sentence(self, words: str) -> None:
        with pytest.raises(Rejection, match="Expected opening hours"):
            read_hours(words)


class TestAgainstASlowObviousCount:
    @settings(max_examples=150, deadline=None)
    @given(zones, hours_of_day, starts, st.integers(0, 4000))
    def test_working_minutes(
        self,
        calendars: dict[tuple[str, Hours], WorkingCalendar],
        zone: str,
        hours: Hours,
        start: datetime,
        length: int,
    ) -> None:
        calendar, end = calendars[zone, hours], start + length * MINUTE
        assert calendar.working_minutes(start, end) == counted(calendar, hours, zone, start, end)

    @settings(max_examples=150, deadline=None)
    @given(zones, hours_of_day, starts, st.integers(0, 700))
    def test_add_working(
        self,
        calendars: dict[tuple[str, Hours], WorkingCalendar],
        zone: str,
        hours: Hours,
        start: datetime,
        minutes: int,
    ) -> None:
        calendar, minutes = calendars[zone, hours], minutes % 100 if hours == HOURS[3] else minutes
        assert calendar.add_working(start, minutes) == walked(calendar, hours, zone, start, minutes)

    @settings(max_examples=100, deadline=None)
    @given(zones, hours_of_day, starts)
    def test_next_working(
        self, calendars: dict[tuple[str, Hours], WorkingCalendar], zone: str, hours: Hours, start: datetime
    ) -> None:
        calendar, at = calendars[zone, hours], start
        while not is_open(calendar, hours, zone, at):
            at += MINUTE
        assert calendar.next_working(start) == at


class TestLaws:
    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from([Always(), WORKING]), moments, amounts)
    def test_what_was_added_is_what_is_counted(
        self, calendar: Always | WorkingCalendar, start: datetime, minutes: float
    ) -> None:
        due = calendar.add_working(start, minutes)
        assert calendar.working_minutes(start, due) == pytest.approx(minutes, abs=1e-7)

    @settings(max_examples=200, deadline=None)
    @given(moments, amounts)
    def test_a_due_moment_is_the_earliest(self, start: datetime, minutes: float) -> None:
        due = WORKING.add_working(start, minutes)
        if due > start:
            earlier = due - timedelta(microseconds=1)
            assert WORKING.working_minutes(start, earlier) < WORKING.working_minutes(start, due)

    @settings(max_examples=200, deadline=None)
    @given(moments, moments)
    def test_counting_and_adding_back_never_overshoots(self, start: datetime, end: datetime) -> None:
        start, end = sorted((start, end))
        again = WORKING.add_working(start, WORKING.working_minutes(start, end))
        assert again <= end and WORKING.working_minutes(again, end) == 0

    @settings(max_examples=200, deadline=None)
    @given(moments, st.integers(0, 200_000), st.integers(0, 200_000))
    def test_two_limits_in_a_row_are_one_limit(self, start: datetime, first: int, second: int) -> None:
        twice = WORKING.add_working(WORKING.add_working(start, first), second)
        assert twice == WORKING.add_working(start, first + second)

    @settings(max_examples=200, deadline=None)
    @given(moments, moments, moments)
    def test_spans_add_up(self, a: datetime, b: datetime, c: datetime) -> None:
        total = WORKING.working_minutes(a, b) + WORKING.working_minutes(b, c)
        assert total == pytest.approx(WORKING.working_minutes(a, c), abs=1e-6)

    @settings(max_examples=200, deadline=None)
    @given(moments, moments, st.integers(0, 200_000), st.integers(0, 1000))
    def test_later_starts_and_longer_limits_are_never_due_earlier(
        self, one: datetime, other: datetime, minutes: int, more: int
    ) -> None:
        first, second = sorted((one, other))
        assert WORKING.add_working(first, minutes) <= WORKING.add_working(second, minutes)
        assert WORKING.add_working(first, minutes) <= WORKING.add_working(first, minutes + more)

    def test_answers_are_utc_whatever_the_zone_of_the_question(self) -> None:
        start = datetime.combine(date(2026, 1, 5), time(9), SHANGHAI)
        assert WORKING.add_working(start, 5).utcoffset() == timedelta(0)

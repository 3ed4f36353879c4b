"""The company may correct the public calendar, set its hours, and confirm a year."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.desk import company_calendar
from engine.foundation.errors import Forbidden, Rejection
from engine.foundation.security import SYSTEM

MONDAY_NOON = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai, lunch


def test_without_corrections_2026_has_248_working_days_and_lunch_does_not_count(database):
    with database.read() as tx:
        rules = company_calendar.rules(tx)
    assert rules.calendars()["working"].working_days(2026) == 248
    assert rules.calendars()["working"].next_working(MONDAY_NOON).hour == 5


def test_a_corrected_date_moves_deadlines_across_it(database):
    with database.write() as tx:
        company_calendar.set_day(tx, date(2026, 3, 3), working=False, note="anniversary", actor=SYSTEM)
        calendar = company_calendar.rules(tx).calendars()["working"]
    due = calendar.add_working(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 120)
    assert due == datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def test_a_cleared_date_follows_the_public_calendar_again(database):
    with database.write() as tx:
        company_calendar.set_day(tx, date(2026, 3, 3), working=False, note=None, actor=SYSTEM)
        company_calendar.set_day(tx, date(2026, 3, 3), working=False, note="twice", actor=SYSTEM)
        company_calendar.clear_day(tx, date(2026, 3, 3), actor=SYSTEM)
        assert company_calendar.rules(tx).calendars()["working"].working_days(2026) == 248


def test_opening_hours_are_counted_as_they_are_set(database):
    with database.write() as tx:
        company_calendar.set_hours(tx, "08:00-20:00", actor=SYSTEM)
        calendar = company_calendar.rules(tx).calendars()["working"]
    assert (
        calendar.working_minutes(datetime(2026, 3, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC))
        == 720
    )


def test_hours_out_of_order_are_refused_and_nothing_changes(database):
    with pytest.raises(Rejection), database.write() as tx:
        company_calendar.set_hours(tx, "13:00-18:00, 09:00-12:00", actor=SYSTEM)
    with database.read() as tx:
        assert company_calendar.rules(tx).hours == company_calendar.DEFAULT_HOURS


def test_a_year_without_announcement_is_provisional_until_it_is_confirmed(database):
    with database.write() as tx:
        assert company_calendar.rules(tx).calendars()["working"].is_provisional(2031)
        company_calendar.confirm_year(tx, 2031, confirmed=True, actor=SYSTEM)
        assert not company_calendar.rules(tx).calendars()["working"].is_provisional(2031)
        company_calendar.confirm_year(tx, 2031, confirmed=False, actor=SYSTEM)
        assert company_calendar.rules(tx).calendars()["working"].is_provisional(2031)


def test_an_engineer_may_not_change_the_calendar(database, people):
    with pytest.raises(Forbidden), database.write() as tx:
        company_calendar.set_day(tx, date(2026, 3, 3), working=False, note=None, actor=people.li_gong)


def test_a_year_tells_every_date_once_and_marks_make_up_days(database):
    with database.read() as tx:
        days = list(company_calendar.rules(tx).year(2026))
    assert len(days) == 365
    assert [d.day for d in days if d.kind == "make_up"] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]

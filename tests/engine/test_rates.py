"""Rates hold for an address, for a stretch of time, over everybody who counts."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.foundation.database import Database
from engine.foundation.models import RateCount
from engine.foundation.rates import Rate, TooOften, forget_ended, spend
from tests.conftest import Clock

RATE = Rate("report", 3, timedelta(hours=1))


class Door:
    """Somebody knocks: `True` when they were let in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def knock(self, address: str = "192.0.2.1", rate: Rate = RATE) -> bool:
        try:
            spend(self.database, rate, address=address, now=self.clock.now)
        except TooOften:
            return False
        return True

    def knocks(self, addresses: Iterable[str]) -> list[bool]:
        return [self.knock(address) for address in addresses]


@pytest.fixture
def door(database: Database, clock: Clock) -> Door:
    return Door(database, clock)


def test_so_many_pass_and_no_more_until_the_stretch_is_over(door: Door) -> None:
    assert [door.knock() for _ in range(5)] == [True, True, True, False, False]
    door.clock.advance(minutes=59)
    assert not door.knock()
    door.clock.advance(minutes=1)
    assert [door.knock() for _ in range(4)] == [True, True, True, False]


def test_the_stretch_begins_with_the_first_and_says_when_it_ends(door: Door) -> None:
    door.knock()
    door.clock.advance(minutes=50)
    door.knock()
    door.knock()
    with pytest.raises(TooOften, match="in 10 minutes"):
        spend(door.database, RATE, address="192.0.2.1", now=door.clock.now)


def test_another_address_and_another_act_are_counted_for_themselves(door: Door) -> None:
    for _ in range(4):
        door.knock()
    assert door.knock("192.0.2.2") and door.knock(rate=Rate("visit", 1, timedelta(hours=1)))


def test_a_household_has_one_count_however_many_addresses_it_has(door: Door) -> None:
    household = [f"2001:db8:1:2::{n:x}" for n in range(1, 5)]
    assert door.knocks([*household, "2001:db8:1:3::1"]) == [True, True, True, False, True]


def test_callers_by_ipv4_are_told_apart_where_the_server_writes_them_as_ipv6(door: Door) -> None:
    assert door.knocks(["::ffff:192.0.2.1"] * 4) == [True, True, True, False]
    assert door.knock("::ffff:192.0.2.2") and not door.knock("192.0.2.1")


def test_many_at_the_same_moment_cannot_slip_through_together(door: Door) -> None:
    with ThreadPoolExecutor(8) as crowd:
        passed = list(crowd.map(lambda _: door.knock(), range(24)))
    assert sum(passed) == RATE.most


def test_a_refused_flood_writes_nothing(door: Door) -> None:
    for _ in range(50):
        door.knock()
    with door.database.read() as tx:
        assert tx.scalar(select(RateCount.hits)) == RATE.most


def test_counts_are_forgotten_when_their_time_is_over(door: Door) -> None:
    door.knock()
    with door.database.write() as tx:
        assert forget_ended(tx, now=door.clock.now) == 0
        assert forget_ended(tx, now=door.clock.advance(hours=1)) == 1
        assert tx.scalar(select(func.count()).select_from(RateCount)) == 0

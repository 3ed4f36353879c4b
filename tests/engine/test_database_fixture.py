"""The databases that tests get are real, empty, and refuse to rewrite history."""

from __future__ import annotations

from datetime import UTC

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from engine.acts.cast import CAST, People
from engine.foundation.database import Database
from engine.foundation.models import Membership, Person
from tests.conftest import Clock


def test_people_are_in_the_registers(database: Database, people: People) -> None:
    with database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Person)) == len(CAST)
        assert (
            tx.scalar(select(Membership.group_id).where(Membership.person == "li_gong")) == "service_engineer"
        )
    assert people.li_gong.groups == {"service_engineer"}
    assert people.of("purchasing").id == "han_cai"


def test_each_test_gets_an_empty_database(database: Database) -> None:
    with database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Person)) == 0


def test_history_cannot_be_removed_through_the_application(database: Database) -> None:
    with database.write() as tx:
        tx.exec_driver_sql(
            "INSERT INTO event (shard_key, case_id, seq, kind, actor, at, release, data, prev_hash, hash) "
            + (
                "VALUES (1, x'01', 1, 'k', 'a', 0, 1, '{}', x'', x'')"
                if database.dialect == "sqlite"
                else "VALUES (1, '00000000-0000-0000-0000-000000000001', 1, 'k', 'a', now(), 1, '{}', '', '')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.exec_driver_sql("DELETE FROM event")


def test_the_clock_moves_only_when_told(clock: Clock) -> None:
    before = clock.now
    assert before.tzinfo is UTC and clock() == before
    assert (clock.advance(hours=2, minutes=5) - before).total_seconds() == 7500

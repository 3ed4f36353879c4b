"""The databases that tests get are real, empty, and refuse to rewrite history."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC

import psycopg
import pytest
from sqlalchemy import delete, func, make_url, select
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


def test_whoever_only_reads_leaves_nothing_behind(database: Database, people: People) -> None:
    with suppress(DBAPIError), database.read() as tx:
        tx.execute(delete(Membership))
    with database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Membership)) > 0


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


def test_a_reader_sees_one_picture_whatever_is_committed_meanwhile(
    database: Database, people: People
) -> None:
    counted = select(func.count()).select_from(Membership)
    with database.read() as tx:
        before = tx.scalar(counted)
        with database.write() as other:
            other.execute(delete(Membership).where(Membership.person == "li_gong"))
        assert tx.scalar(counted) == before
    with database.read() as tx:
        assert tx.scalar(counted) == before - 1


def test_connections_that_the_server_closed_are_replaced_unnoticed(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as one, database.read() as other:
        gone = {tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for tx in (one, other)}
    with psycopg.connect(make_url(postgres_url).set(drivername="postgresql").render_as_string()) as server:
        for backend in gone:
            assert server.execute("SELECT pg_terminate_backend(%s, 5000)", [backend]).fetchone() == (True,)
    for _ in range(2):
        with database.write() as tx:
            assert tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() not in gone
    database.dispose()


def test_the_clock_moves_only_when_told(clock: Clock) -> None:
    before = clock.now
    assert before.tzinfo is UTC and clock() == before
    assert (clock.advance(hours=2, minutes=5) - before).total_seconds() == 7500

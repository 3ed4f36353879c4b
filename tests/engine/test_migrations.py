"""The migrations and the models tell the same tables, and what must never be changed is protected after each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from engine.desk.registers import writing
from engine.desk.registers.catalogue import REGISTERS
from engine.foundation.database import Database
from engine.foundation.migrations import FOLDER, upgrade
from engine.foundation.models import Model
from engine.foundation.security import SYSTEM, log_access
from tests.conftest import MONDAY
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path) -> str:
    """The URL of a database without a table, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fresh.db"
    server: Postgres = request.getfixturevalue("postgres")
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS migrated")
        connection.execute("CREATE DATABASE migrated")
    return server.url("migrated")


def test_a_new_database_has_every_table_of_the_models(empty_url):
    upgrade(empty_url)
    database = Database(empty_url)
    with database.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), Model.metadata) == []
    database.dispose()


def test_upgrading_twice_changes_nothing(empty_url):
    upgrade(empty_url)
    upgrade(empty_url)
    database = Database(empty_url)
    with database.read() as tx:
        assert "event" in inspect(tx).get_table_names()
    database.dispose()


@pytest.mark.parametrize("table", ["register_change", "access_log"])
def test_what_was_done_to_registers_and_who_tried_what_is_kept_for_good(empty_url, table):
    upgrade(empty_url)
    database = Database(empty_url)
    with database.write() as tx:
        log_access(tx, actor="li_gong", act="publish", target="release 2", allowed=False, at=MONDAY)
        writing.add(tx, REGISTERS["customer"], {"name": "滨江会展中心"}, actor=SYSTEM, at=MONDAY)
    with database.read() as tx:
        before = tx.execute(text(f"SELECT * FROM {table}")).all()
    for change in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
            tx.execute(text(change))
    with database.read() as tx:
        assert tx.execute(text(f"SELECT * FROM {table}")).all() == before != []
    database.dispose()


def test_an_installation_of_the_first_day_keeps_its_histories_sessions_and_refusals(empty_url):
    database = Database(empty_url)
    with database.write() as tx:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        first = MetaData()
        first.reflect(tx, only=["event", "session", "access_log"])
        kept = {name: _row_of(table) for name, table in first.tables.items()}
        for name, row in kept.items():
            tx.execute(insert(first.tables[name]).values(**row))
    upgrade(empty_url)
    with database.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), Model.metadata) == []
        for name, row in kept.items():
            columns = [first.tables[name].c[column] for column in row]
            read = tx.execute(select(*columns)).mappings().one()
            assert {column: _plain(value) for column, value in read.items()} == row
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.execute(text("DELETE FROM access_log"))
    database.dispose()


def _row_of(table: Table) -> dict[str, Any]:
    """A row that says something in every column."""
    return {column.name: _SAID[column.type.python_type] for column in table.columns}


def _plain(value: Any) -> Any:
    """What was written, whichever way the database tells moments."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


_SAID: dict[type, Any] = {
    str: "{}",
    int: 1,
    bool: True,
    bytes: b"said",
    float: 1.0,
    datetime: MONDAY.replace(tzinfo=None),
    UUID: UUID(int=1),
    dict: {},
}

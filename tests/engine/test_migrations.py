"""The migrations and the models tell the same tables."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from engine.foundation.database import Database
from engine.foundation.migrations import upgrade
from engine.foundation.models import Model
from tests.postgres import Postgres


def test_a_new_sqlite_database_has_every_table_of_the_models(tmp_path):
    url = f"sqlite:///{tmp_path}/fresh.db"
    upgrade(url)
    database = Database(url)
    with database.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), Model.metadata) == []
    database.dispose()


def test_upgrading_twice_changes_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/fresh.db"
    upgrade(url)
    upgrade(url)
    database = Database(url)
    with database.read() as tx:
        assert "event" in inspect(tx).get_table_names()
    database.dispose()


def test_a_new_postgresql_database_has_every_table_of_the_models(postgres: Postgres):
    import psycopg

    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    url = postgres.url("migrated")
    upgrade(url)
    database = Database(url)
    with database.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), Model.metadata) == []
    database.dispose()

"""Builds the demonstration once: tables, people, release 1, customers, and three months of cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from engine.foundation.database import Database
from engine.foundation.migrations import upgrade
from engine.foundation.models import Setting
from engine.foundation.settings import Settings
from engine.foundation.text import Text

DONE = "demonstration"  # the setting that says that it is there


def prepare(
    settings: Settings, *, how_many: int, folder: Path, now: datetime, say: Callable[[Text], None]
) -> None:
    """Build the demonstration in the database of `settings`; a database that has one is left as it is.

    The cases are played through the engine between three months before `now` and `now`.
    """
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        if not _is_ready(database):
            # Half of the time of a second start would go into loading what only the first one needs.
            from engine.acts.demo.build import build
            from engine.cases import Cases

            build(Cases(database, settings), how_many=how_many, folder=folder, now=now, say=say)
    finally:
        database.dispose()


def _is_ready(database: Database) -> bool:
    with database.read() as tx:
        return tx.execute(select(Setting.name).where(Setting.name == DONE)).first() is not None

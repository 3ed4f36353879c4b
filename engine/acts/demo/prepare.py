"""Builds the demonstration once: tables, people, release 1, customers, and three months of cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert, select

from engine.acts import publishing, schedules
from engine.acts.cast import admit
from engine.acts.demo.play import Player
from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk, SimulatedClock
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.migrations import upgrade
from engine.foundation.models import Setting
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings

MONTHS = timedelta(days=92)
SEED = 20260101
DONE = "demonstration"


def prepare(
    settings: Settings, *, how_many: int, folder: Path, now: datetime, say: Callable[[str], None]
) -> None:
    """Build the demonstration in the database of `settings`; a database that has one is left as it is.

    The cases are played through the engine between three months before `now` and `now`.
    """
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        cases = Cases(database, settings)
        if not _is_ready(database):
            _build(cases, how_many=how_many, folder=folder, now=now, say=say)
    finally:
        database.dispose()


def _build(cases: Cases, *, how_many: int, folder: Path, now: datetime, say: Callable[[str], None]) -> None:
    random, since = Random(SEED), now - MONTHS  # noqa: S311 - a story, not a secret
    say("people and customers")
    with cases.database.write() as tx:
        admit(tx, at=since)
        furnish(tx, at=since, random=random)
    say("release 1: checking and publishing processes/ and forms/")
    publishing.publish_folder(cases, folder, actor=SYSTEM, now=since, note="demonstration")
    schedules.keep(cases, now=since)
    say(f"playing {how_many} cases over three months")
    desk = Desk(cases, SimulatedClock(since))
    Player(desk, random, until=now).play(how_many, since=since, say=say)
    with cases.database.write() as tx:
        tx.execute(insert(Setting).values(name=DONE, value={"at": now.isoformat(), "cases": how_many}))


def _is_ready(database: Database) -> bool:
    with database.read() as tx:
        return tx.execute(select(Setting.name).where(Setting.name == DONE)).first() is not None

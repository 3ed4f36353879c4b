"""Plays the demonstration into an empty database; apart from `prepare`, because a second start needs none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert

from engine.acts import publishing, schedules
from engine.acts.cast import admit
from engine.acts.demo.play import Player
from engine.acts.demo.prepare import DONE
from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk, SimulatedClock
from engine.cases import Cases
from engine.foundation.models import Setting
from engine.foundation.security import SYSTEM

MONTHS = timedelta(days=92)
SEED = 20260101


def build(cases: Cases, *, how_many: int, folder: Path, now: datetime, say: Callable[[str], None]) -> None:
    """Write people, customers and release 1, then play the cases between three months before `now` and `now`."""
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

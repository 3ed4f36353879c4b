"""Plays the demonstration into an empty database; apart from `prepare`, because a second start needs none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert

from engine.acts import publishing, schedules
from engine.acts.cast import admit
from engine.acts.demo import shelves
from engine.acts.demo.play import Player
from engine.acts.demo.prepare import DONE
from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk, SimulatedClock
from engine.cases import Cases
from engine.foundation.models import Setting
from engine.foundation.security import SYSTEM
from engine.foundation.text import Text

MONTHS = timedelta(days=92)
SEED = 20260101


def build(cases: Cases, *, how_many: int, folder: Path, now: datetime, say: Callable[[Text], None]) -> None:
    """Write people, customers and release 1, then play the cases between three months before `now` and `now`."""
    random, since = Random(SEED), now - MONTHS  # noqa: S311 - a story, not a secret
    say(Text(zh="人员与客户", en="people and customers"))
    with cases.database.write() as tx:
        admit(tx, at=since)
        furnish(tx, at=since, random=random)
    say(_PUBLISHING)
    publishing.publish_folder(cases, folder, actor=SYSTEM, now=since, note="演示 · demonstration")
    schedules.keep(cases, now=since)
    say(_PLAYING.format(n=how_many))
    desk = Desk(cases, SimulatedClock(since))
    Player(desk, random, until=now).play(how_many, since=since, say=say)
    with cases.database.write() as tx:
        shelves.fill(tx, at=now)
        tx.execute(insert(Setting).values(name=DONE, value={"at": now.isoformat(), "cases": how_many}))


_PUBLISHING = Text(
    zh="版本 1: 检查并发布 processes/ 和 forms/",
    en="release 1: checking and publishing processes/ and forms/",
)
_PLAYING = Text(zh="演示三个月中的 {n} 个案例", en="playing {n} cases over three months")

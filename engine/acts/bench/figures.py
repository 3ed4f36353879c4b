"""What stands around the steps costs: lists, clocks, and what finished cases leave behind."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.acts import timers, worklist
from engine.acts.bench import material
from engine.acts.bench.rows import Effort, Row
from engine.acts.bench.stage import PEOPLE, Stage, complete, size_of
from engine.acts.bench.timing import repeated, shown
from engine.acts.frames import frames_of
from engine.acts.queues import inbox
from engine.acts.reading import case_page
from engine.acts.timers import Ticker
from engine.cases import Cases
from engine.record.history import of_case


def listing(stage: Stage, size: int, effort: Effort) -> Row:
    """The first page of 50 with its count, and a page far down the list."""
    now, after = datetime.now(UTC), None

    def page(key: str | None = None) -> Any:
        return inbox(stage.cases, actor=PEOPLE.li_gong, now=now, queue="groups", after=key, limit=50)

    first = repeated(page, times=20, rounds=effort.rounds)
    for _ in range(min(100, size // 100)):
        after = page(after).after or after
    far = repeated(lambda: page(after), times=20, rounds=effort.rounds)
    total = page().total
    return Row(
        what="inbox page of 50 with its count (a page far down)",
        where=f"{stage.dialect}, {size:,} open",
        ours=f"{shown(first.ms)} ms ({shown(far.ms)} ms), counted {total:,}",
        target="≤ 10 ms",
        held=max(first.ms, far.ms) <= 10,
    )


def ticking(stage: Stage, size: int, effort: Effort) -> Row:
    """A tick when nothing is due."""
    series = repeated(lambda: timers.fire_due(stage.cases), times=20, rounds=effort.rounds)
    return Row(
        what="tick with as many waiting timers, none due",
        where=f"{stage.dialect}, {size:,} timers",
        ours=str(series),
        target="≤ 2 ms",
        held=series.ms <= 2,
    )


class _Stopwatch(Cases):
    """Cases that note how late each timer fired."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.cases.database, stage.cases.settings)
        self.late: list[float] = []

    def fire(self, case_id: UUID, timer_id: UUID, *, at: datetime, **how: Any) -> bool:
        """Fire, and note the delay."""
        fired = super().fire(case_id, timer_id, at=at, **how)
        if fired:
            self.late.append((datetime.now(UTC) - at).total_seconds())
        return fired


def firing(stage: Stage, effort: Effort) -> Row:
    """How late a timer fires with the tick of an installation."""
    watch = _Stopwatch(stage)
    watch.current_library()  # as a server does before it serves
    ticker = Ticker(seconds=stage.cases.settings.tick_seconds)
    ticker.every_tick("timers", lambda: timers.fire_due(watch))
    ticker.start()
    wanted = effort.cases * effort.rounds
    for _ in range(wanted):
        stage.start(material.SOON)
        time.sleep(0.15)
    until = time.monotonic() + 20
    while len(watch.late) < wanted and time.monotonic() < until:
        time.sleep(0.1)
    ticker.stop()
    late = sorted(watch.late) or [float("inf")]
    return Row(
        what="a due timer fires, until its step is committed (worst)",
        where=f"{stage.dialect}, tick of {stage.cases.settings.tick_seconds:g} s",
        ours=f"{late[len(late) // 2]:.2f} s ({late[-1]:.2f} s), {len(watch.late)} of {wanted}",
        target="≤ 1 s",
        held=late[-1] <= 1.0 + 0.05 and len(watch.late) == wanted,
    )


def keeping(stage: Stage, effort: Effort) -> Row:
    """What a finished case leaves in the database."""
    wanted = effort.cases * effort.rounds * 4
    _finish(stage, wanted // 4)  # the first page of every table and index is not the price of a case
    before = size_of(stage)
    _finish(stage, wanted)
    each = (size_of(stage) - before) / wanted / 1024
    return Row(
        what="bytes kept per finished case of eight tasks, with all inputs, after VACUUM",
        where=stage.dialect,
        ours=f"{each:.1f} KB",
        target="≤ 6 KB",
        held=each <= 6,
    )


def _finish(stage: Stage, how_many: int) -> None:
    for _ in range(how_many):
        case_id = worklist.case_id(stage.cases, stage.start())
        for _ in range(material.STEPS):
            complete(stage.cases, case_id, stage.task_of(case_id))


def remembering(stage: Stage, effort: Effort) -> Row:
    """Open a step of a long history: read, chain of frames, the one asked for as JSON; and the whole case page."""
    number = stage.start(material.LOOP)
    case_id = worklist.case_id(stage.cases, number)
    while (seq := _events(stage, case_id)) < effort.history:
        complete(stage.cases, case_id, stage.task_of(case_id))
    library = stage.cases.current_library()

    def frame() -> str:
        with stage.cases.database.read() as tx:
            events = of_case(tx, case_id)
        return json.dumps(frames_of(events, library.diagrams)[seq // 2].marks)

    opened = repeated(frame, times=5, rounds=effort.rounds)
    whole = repeated(
        lambda: case_page(stage.cases, number, actor=PEOPLE.li_gong, now=datetime.now(UTC)),
        times=3,
        rounds=effort.rounds,
    )
    return Row(
        what=f"open a step of a {seq}-event history on its diagram (all that its case page shows)",
        where=stage.dialect,
        ours=f"{shown(opened.ms)} ms ({shown(whole.ms)} ms)",
        target="≤ 30 ms",
        held=opened.ms <= 30,
    )


def _events(stage: Stage, case_id: UUID) -> int:
    with stage.cases.database.read() as tx:
        return len(of_case(tx, case_id))

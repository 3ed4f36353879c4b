"""What a step of a case costs: in memory, durable, as pages call it, through the reference and a real process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from engine.acts import worklist
from engine.acts.bench import material
from engine.acts.bench.floor import Recording
from engine.acts.bench.rows import Effort, Row
from engine.acts.bench.stage import PEOPLE, Stage, complete, copied
from engine.acts.bench.timing import Series, repeated, shown
from engine.acts.plausible import plausible
from engine.acts.simulation import Desk, SimulatedClock
from engine.bpmn.runtime import Run
from engine.bpmn.stock import StockRun
from engine.cases import Cases


def in_memory(effort: Effort, library: Any) -> tuple[Row, float]:
    """The machine alone: ours and SpiffWorkflow's own, without a database; also the median of the latter."""
    stock, stored, ours, dumped = Series(), Series(), Series(), Series()
    specs = StockRun.parse(material.reference_xml(**material.STOCK), material.REFERENCE)
    for _ in range(effort.rounds):
        for _ in range(effort.cases * 4):
            _play_stock(specs, stock, stored)
            _play_ours(library, ours, dumped)
        for series in (stock, stored, ours, dumped):
            series.next_round()
    row = Row(
        what="complete a task in memory, no database (state restored and kept as bytes each time)",
        where="-",
        ours=f"{shown(ours.ms)} ms ({shown(dumped.ms)} ms)",
        stock=f"{shown(stock.ms)} ms ({shown(stored.ms)} ms)",
        ratio=f"{ours.ms / stock.ms:.2f} × SpiffWorkflow",
    )
    return row, stock.ms


def _play_stock(specs: tuple[Any, Any], hot: Series, stored: Series) -> None:
    for series in (hot, stored):
        run = StockRun(specs)
        while run.waiting:
            with series.one():
                (run.complete_next if series is hot else run.complete_stored)(dict(material.ANSWERS))


def _play_ours(library: Any, hot: Series, dumped: Series) -> None:
    case_id, now = uuid4(), datetime.now(UTC)
    calls: dict[str, Any] = {"due": lambda *_: (now + timedelta(hours=48)).isoformat()}
    common: dict[str, Any] = {"library": library, "case_id": case_id, "functions": calls, "services": _silent}
    for series in (hot, dumped):
        run = Run.start(process=material.REFERENCE, data={"case": {}}, at=now, **common)
        while run.outcome is None:
            task = run.tasks()[0].id
            with series.one():
                if series is dumped:
                    run = Run.load(state=run.dump(), **common)
                run.complete(task, dict(material.ANSWERS), at=now)


def _silent(_operator: str, _parameters: dict[str, object]) -> object:
    return None


def completing(stage: Stage, size: int, effort: Effort, folder: Path, stock_ms: float) -> list[Row]:
    """A durable step with the run kept in memory and without, and the floor of its statements."""
    recording, hot, cold, forgetful = Recording(), Series(), Series(), stage.forgetful()
    numbers = [stage.start() for _ in range(effort.cases * effort.rounds * 2)]
    ids = iter([worklist.case_id(stage.cases, number) for number in numbers])
    with copied(stage, folder) as copy:
        for _ in range(effort.rounds):
            _through(stage, stage.cases, islice(ids, effort.cases), hot, recording)
            _through(stage, forgetful, islice(ids, effort.cases), cold, None)
        floor = recording.play(copy, rounds=effort.rounds)
    limit = 3.0 if stage.dialect == "SQLite" else 5.0
    where = f"{stage.dialect}, {size:,} open"
    return [
        Row(
            what="complete a task, durable, engine layer",
            where=where,
            ours=str(hot),
            target=f"≤ {limit:.0f} ms",
            held=hot.ms <= limit,
            floor=f"{shown(floor.ms)} ms ({recording.per_step:.1f} statements)",
            stock=f"{shown(stock_ms)} ms",
            ratio=f"{hot.ms / floor.ms:.1f} × floor, {hot.ms / (floor.ms + stock_ms):.1f} × (floor + SpiffWorkflow)",
        ),
        Row(what="the same, state loaded from the database each time", where=where, ours=str(cold)),
    ]


def _through(
    stage: Stage, cases: Cases, ids: Iterable[UUID], series: Series, recording: Recording | None
) -> None:
    for case_id in ids:
        for _ in range(material.STEPS):
            task = stage.task_of(case_id)
            if recording is None:
                with series.one():
                    complete(cases, case_id, task)
            else:
                with recording.step(), series.one():
                    complete(cases, case_id, task)
    series.next_round()


def whole_act(stage: Stage, size: int, effort: Effort) -> Row:
    """What a page calls: number looked up, form checked, step, next task found."""
    series = Series()
    for _ in range(effort.rounds):
        for _ in range(effort.cases):
            number = stage.start()
            case_id = worklist.case_id(stage.cases, number)
            for _ in range(material.STEPS):
                task, now = stage.task_of(case_id), datetime.now(UTC)
                with series.one():
                    worklist.complete(
                        stage.cases,
                        number,
                        task,
                        material.ANSWERS,
                        actor=PEOPLE.li_gong,
                        now=now,
                        key=uuid4().hex,
                    )
        series.next_round()
    where = f"{stage.dialect}, {size:,} open"
    return Row(
        what="the same as pages call it: looked up, checked, next task offered", where=where, ours=str(series)
    )


def starting(stage: Stage, size: int, effort: Effort) -> Row:
    """Cases opened by one worker."""
    series = repeated(stage.start, times=effort.cases * 8, rounds=effort.rounds)
    return Row(
        what="cases started per second, one worker",
        where=f"{stage.dialect}, {size:,} open",
        ours=f"{series.per_second:.0f}/s",
        target="≥ 300/s",
        held=series.per_second >= 300,
    )


def real_process(stage: Stage, effort: Effort) -> Row:
    """A fault solved by phone, from the call to the follow-up, through the real diagrams."""
    series, steps = Series(), 0
    for _ in range(effort.rounds):
        steps = _serve_one(stage, series)
        series.next_round()
    return Row(
        what=f"complete a task of service_case, from call to follow-up ({steps} tasks, called diagrams, deadlines)",
        where=stage.dialect,
        ours=str(series),
    )


def _serve_one(stage: Stage, series: Series) -> int:
    desk = Desk(stage.cases, SimulatedClock(datetime.now(UTC)))
    form = next(s.form for s in worklist.startable(stage.cases) if s.process == "service_case")
    assert form is not None
    matter = desk.open("service_case", by="chen_min", **plausible(form, {}, at=desk.clock.now))
    steps = 0
    while matter.outcome is None and matter.tasks and steps < 40:
        desk.clock.advance(minutes=2)
        element = matter.tasks[0]
        task, actor = matter.task(element), desk.actor(matter.who(element))
        asked = matter.form(element, "task")
        answers = plausible(asked, {}, at=desk.clock.now) if asked is not None else {}
        with series.one():
            with stage.cases.step(matter.id, actor=actor, now=desk.clock.now, key=uuid4().hex) as step:
                step.complete(task.id, answers)
        steps += 1
    return steps

"""The whole measurement, printed as a Markdown table with its method."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from engine.acts.bench import figures, pages, steps
from engine.acts.bench.rows import QUICK, Effort, Row
from engine.acts.bench.stage import Stage, stages

Say = Callable[[str], None]

HEAD = (
    "| what | where | ours: median of the calmest round (range over rounds) | to hold | held "
    "| floor: the same statements | SpiffWorkflow in memory | ratio |"
)


def run_bench(*, quick: bool = False, postgresql_url: str | None = None, say: Say = print) -> list[Row]:
    """Measure and print; without `postgresql_url` only SQLite. Databases are made for it and dropped again."""
    effort = QUICK if quick else Effort()
    for line in _preamble(effort, postgresql_url):
        say(line)
    say(HEAD)
    say("|" + "---|" * 8)
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="shouhou-bench-") as name,
        stages(Path(name), postgresql_url) as made,
    ):
        for row in _rows(made, effort, Path(name)):
            rows.append(row)
            say(_line(row))
    missed = [f"{row.what} ({row.where})" for row in rows if row.held is False]
    say("")
    say("Every figure is held." if not missed else "Missed: " + "; ".join(missed) + ".")
    return rows


def _rows(made: list[Stage], effort: Effort, folder: Path) -> Iterator[Row]:
    row, stock_ms = steps.in_memory(effort, made[0].cases.current_library())
    yield row
    for stage in made:
        yield figures.keeping(stage, effort)
        yield steps.real_process(stage, effort)
        yield figures.remembering(stage, effort)
        yield figures.firing(stage, effort)
    for size in effort.sizes:
        for stage in made:
            stage.fill(size)
            yield from steps.completing(stage, size, effort, folder, stock_ms)
            yield steps.whole_act(stage, size, effort)
            yield figures.listing(stage, size, effort)
            yield figures.ticking(stage, size, effort)
            yield from pages.over_http(stage, size, effort)
            yield steps.starting(stage, size, effort)


def _preamble(effort: Effort, postgresql_url: str | None) -> list[str]:
    load = os.getloadavg()[0]
    return [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, load {load:.1f} at the beginning"
        + ("." if postgresql_url else "; PostgreSQL was not asked for (--postgresql-url)."),
        "",
        f"Method: one client, {effort.rounds} rounds of {effort.cases} cases; a figure is the median of the calmest "
        "round, the range goes to the median of the noisiest. Reference process: eight user tasks, a gateway, a "
        "non-interrupting boundary timer, a form of two texts; durable means SQLite in WAL with synchronous=FULL, "
        "PostgreSQL as it is configured. The floor sends the recorded statements of the same steps again, in one "
        "transaction each, to a copy of the database.",
        "",
    ]


def _line(row: Row) -> str:
    held = {True: "yes", False: "**no**", None: ""}[row.held]
    cells = (row.what, row.where, row.ours, row.target, held, row.floor, row.stock, row.ratio)
    return "| " + " | ".join(cells) + " |"

"""The benchmark measures every figure to hold and prints it; how fast this machine is, it does not test."""

from __future__ import annotations

import math

import pytest

from engine.acts.bench import run
from engine.acts.bench.rows import Effort
from engine.acts.bench.timing import Series, repeated, shown
from tests.postgres import Postgres

TINY = Effort(cases=1, rounds=1, sizes=(20,), history=12)


def test_every_figure_is_measured_on_both_databases(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "QUICK", TINY)
    lines: list[str] = []
    rows = run.run_bench(quick=True, postgresql_url=postgres.url(), say=lines.append)
    measured = {(row.what.split(" (")[0].split(",")[0], row.where.split(",")[0]) for row in rows}
    for what in (
        "complete a task",
        "the same as pages call it: looked up",
        "complete a task over HTTP",
        "cases started per second",
        "inbox page of 50 with its count",
        "tick with as many waiting timers",
        "a due timer fires",
        "bytes kept per finished case of eight tasks",
    ):
        assert {(what, "SQLite"), (what, "PostgreSQL")} <= measured
    assert all(row.held is not None for row in rows if row.target)
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == len(rows) + 2
    assert {line.count("|") for line in table} == {9}
    assert "nan" not in "".join(table)


def test_the_median_of_the_calmest_round_counts() -> None:
    series = Series(rounds=[[0.003, 0.001, 0.002], [0.009], []])
    assert (series.ms, series.worst_ms) == pytest.approx((2.0, 9.0))
    assert series.per_second == pytest.approx(500)
    assert math.isnan(Series().ms)


def test_rounds_are_kept_apart() -> None:
    series = repeated(lambda: None, times=3, rounds=2)
    assert [len(round_) for round_ in series.rounds if round_] == [3, 3]


def test_figures_show_as_many_digits_as_they_deserve() -> None:
    assert [shown(v) for v in (0.1234, 12.34, 123.4)] == ["0.12", "12.3", "123"]

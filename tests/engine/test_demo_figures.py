"""The demonstration publishes its months, and what they say could be true of a company."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.acts import reports
from engine.acts.demo.build import build
from engine.acts.demo.play import ALL
from engine.acts.plausible import SOMETHING
from engine.acts.reports import Line
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.migrations import upgrade
from engine.foundation.models import Case, Event
from engine.foundation.security import SYSTEM
from engine.foundation.settings import source_folder
from engine.record.figures.repair import EXCLUSIONS

pytestmark = pytest.mark.xdist_group("demonstration")  # it is built once

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)
MONTHS = ("2026-03", "2026-04", "2026-05")
LONGEST = 60  # days that anything may take
MOST_ROWS = 80  # of the history of one case
MIXED = ("timely_repair_rate", "first_time_fix_rate", "repeat_fault_rate", "rating_response_rate")
MOMENT_TO_MOMENT = ("response_time", "acceptance_time", "restoration_time", "resolution_time", "closing_time")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The demonstration with each of its stories."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demonstration') / 'shouhou.db'}"
    upgrade(url)
    database = Database(url)
    cases = Cases(database)
    folder: Path = source_folder()
    build(cases, how_many=len(ALL), folder=folder, now=NOW, say=lambda _text: None)
    yield cases
    database.dispose()


@pytest.fixture(scope="module")
def months(shown: Cases) -> list[dict[str, Line]]:
    """The figures of each month that is over."""
    found = [reports.report(shown, month, actor=SYSTEM, now=NOW) for month in MONTHS]
    return [{line.definition.id: line for line in report.lines} for report in found]


def test_each_month_was_published_when_it_was_over(months: list[dict[str, Line]]) -> None:
    for name, figures in zip(MONTHS, months, strict=True):
        number = int(name[5:]) + 1
        for line in figures.values():
            assert line.published is not None, (name, line.definition.id)
            assert line.published.version == line.definition.version and line.published.release == 1
            assert (line.published.published_at.month, line.published.published_at.day) in (
                (number, 1),
                (number - 1, 30),
                (number - 1, 31),
            )


def test_no_figure_leaves_the_range_of_its_unit(months: list[dict[str, Line]]) -> None:
    ranges = {"percent": (0, 100), "score": (1, 5), "minutes": (0, LONGEST * 1440), "days": (0, LONGEST)}
    for figures in months:
        for name, line in figures.items():
            low, high = ranges.get(line.definition.unit, (0, 10_000))
            assert line.measured.value is None or low <= line.measured.value <= high, name
            for member in line.measured.members:
                assert member.amount is None or member.amount >= 0, (name, member)


def test_every_figure_says_something_in_some_month(months: list[dict[str, Line]]) -> None:
    silent = {name for name in months[0] if not any(figures[name].measured.value for figures in months)}
    assert silent == set()


def test_rates_are_neither_always_perfect_nor_always_nothing(months: list[dict[str, Line]]) -> None:
    for name in MIXED:
        assert any(0 < (figures[name].measured.value or 0) < 100 for figures in months), name
    for name in MOMENT_TO_MOMENT:
        assert all(figures[name].measured.value for figures in months if figures[name].measured.members), name


def test_what_is_counted_adds_up(months: list[dict[str, Line]]) -> None:
    for figures in months:
        by_name: dict[str, Any] = {name: line.measured for name, line in figures.items()}
        for name, line in figures.items():
            made = line.measured
            if line.definition.unit == "percent" and made.numerator is not None and made.denominator:
                assert made.value == pytest.approx(100 * made.numerator / made.denominator, abs=0.01), name
        timely = by_name["timely_repair_rate"]
        left_out = sum(timely.details[part] for part in ("not_due", *EXCLUSIONS))
        assert timely.details["reported"] == timely.denominator + left_out == len(timely.members)
        faults = by_name["faults_by_nature"]
        assert timely.details["reported"] == faults.value == sum(row.values["count"] for row in faults.rows)
        assert by_name["major_faults"].value + by_name["urgent_faults"].value <= faults.value
        assert by_name["accidents"].value <= faults.value <= by_name["fault_reports"].value
        people = [row for row in by_name["workload"].rows if not row.key.startswith("group:")]
        assert by_name["workload"].value == sum(row.values["tasks"] for row in people)
        asked = by_name["survey_response_rate"].numerator
        assert by_name["satisfaction_solution"].denominator == by_name["satisfaction_service"].denominator
        assert by_name["satisfaction_solution"].denominator is None or asked > 0


def test_no_case_goes_in_circles(shown: Cases) -> None:
    count = func.count()
    query = select(Case.number, count).join(
        Event, (Event.shard_key == Case.shard_key) & (Event.case_id == Case.id)
    )
    with shown.database.read() as tx:
        rows = dict(tx.execute(query.group_by(Case.number).order_by(count.desc())).tuples().all())
    assert len(rows) >= len(ALL)
    assert {number: n for number, n in rows.items() if n > MOST_ROWS} == {}


def test_nobody_writes_something_only_to_fill_a_field(shown: Cases) -> None:
    with shown.database.read() as tx:
        rows = tx.execute(select(Event.element, Event.data)).all()
    assert sorted({str(row.element) for row in rows if SOMETHING in repr(row.data)}) == []

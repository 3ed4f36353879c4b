"""Reports: the figures of a month or year, published or as they stand now, each opened down to its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from engine.acts.figure_definitions import as_published, definitions, definitions_file, known_library
from engine.acts.figure_labels import labels_of
from engine.acts.visibility import kept_from
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.figures import FigureDefinition, kind_of_case, sources_of
from engine.foundation.models import Case
from engine.foundation.security import SYSTEM, Actor, require
from engine.foundation.text import Text
from engine.record import published
from engine.record.figures import Facts, Measured, Member, Period, measure, month_of, read_period
from engine.record.figures.said import RATED
from engine.record.published import Published

SHOWN_BACK = 12  # months in a trend
CATCH_UP = 24  # closed months that the job publishes when it was never run


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a report; `published` is None while the value is only as it stands now.

    `trend` are the values of the last months by their names, oldest first; None where nothing is known.
    """

    definition: FigureDefinition
    measured: Measured
    published: Published | None
    trend: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period in the order of the definitions; `labels` say what the ids in them are called."""

    period: Period
    at: datetime
    lines: tuple[Line, ...]
    labels: Mapping[str, Text]
    is_over: bool

    @property
    def is_published(self) -> bool:
        """Whether any figure of it was published."""
        return any(line.published for line in self.lines)


@dataclass(frozen=True, slots=True)
class FigurePage:
    """One figure with what is behind it; `hidden` counts cases that are kept from the reader."""

    period: Period
    at: datetime
    line: Line
    members: tuple[Member, ...]
    hidden: int
    revisions: tuple[Published, ...]
    labels: Mapping[str, Text]


def report(cases: Cases, name: str, *, actor: Actor, now: datetime) -> Report:
    """The report of a month ("2026-10") or year ("2026"). Raises NotFound, Forbidden.

    A published figure is shown as it was published, by the definition of then; the others are calculated now.
    """
    require(actor, "see_figures")
    period = began(cases, name, now=now)
    with cases.database.read() as tx:
        told = published.newest(tx, period.name)
        facts = facts_of(cases, tx, period, now)
        trends = _Trends(tx, period)
        known = {**definitions(cases, tx), **as_published(tx, told.values())}
        lines = (_line(definition, told.get(definition.id), facts, trends) for definition in known.values())
        return Report(period, now, tuple(lines), labels_of(tx, known_library(cases, tx)), period.end <= now)


def figure_page(cases: Cases, name: str, figure: str, *, actor: Actor, now: datetime) -> FigurePage:
    """One figure down to its cases, without those that are kept from `actor`. Raises NotFound, Forbidden."""
    require(actor, "see_figures")
    period = began(cases, name, now=now)
    with cases.database.read() as tx:
        told = published.newest(tx, period.name).get(figure)
        known = {**definitions(cases, tx), **as_published(tx, [told] if told else [])}
        if figure not in known:
            raise NotFound(Text(zh=f"没有指标 {figure}。", en=f"There is no figure {figure}."))
        line = _line(known[figure], told, facts_of(cases, tx, period, now), _Trends(tx, period))
        closed = kept_from(tx, actor)
        seen = tuple(member for member in line.measured.members if member.case not in closed)
        return FigurePage(
            period=period,
            at=now,
            line=line,
            members=seen,
            hidden=len(line.measured.members) - len(seen),
            revisions=tuple(published.revisions(tx, figure, period.name)),
            labels=labels_of(tx, known_library(cases, tx)),
        )


def publish_period(cases: Cases, name: str, *, actor: Actor, now: datetime) -> int:
    """Publish every figure of a period that is over and has not been published; returns how many.

    What is published stays: a later difference is a change that two people sign. Raises Rejection while the period
    lasts, NotFound, Forbidden, IntegrityError when another process published the same meanwhile.
    """
    require(actor, "publish_figures")
    period = began(cases, name, now=now)
    if period.end > now:
        raise Rejection(_NOT_OVER.format(period=name))
    with cases.database.read() as tx:  # nobody waits for the calculation
        told, facts, release = (
            published.newest(tx, name),
            facts_of(cases, tx, period, now),
            releases.current(tx),
        )
        fresh = [(d, measure(d, facts)) for d in definitions(cases, tx).values() if d.id not in told]
    with cases.database.write() as tx:
        for definition, measured in fresh:
            published.publish(tx, definition, measured, period=name, release=release, at=now, actor=actor.id)
    return len(fresh)


def publish_due(cases: Cases, *, now: datetime) -> int:
    """The monthly job: publish the months that are over and were never published; returns how many figures.

    Any number of processes may run it at any time: of two that publish the same, one is told to leave it.
    """
    done = 0
    for period in _unpublished(cases, now):
        try:
            done += publish_period(cases, period.name, actor=SYSTEM, now=now)
        except IntegrityError:  # another process was faster
            continue
    return done


def facts_of(cases: Cases, tx: Connection, period: Period, now: datetime) -> Facts:
    """The facts of a period, with the lanes of the releases that its cases ran on."""

    def group_of(release: int, process: str, element: str) -> str | None:
        found = cases.releases.library(release, tx).element(process, element)
        return None if found is None else found.group

    library = known_library(cases, tx)
    content = definitions_file(library)
    asked = None if content is None else kind_of_case(content)
    read = (source.element for d in definitions(cases, tx).values() for source in sources_of(d))
    return Facts(tx, period, now, group_of, asked, frozenset({*read, RATED}), cases.calendars(tx))


def began(cases: Cases, name: str, *, now: datetime) -> Period:
    """The period of that name. Raises NotFound for what is no period, or lies ahead."""
    period = read_period(name, cases.settings.time_zone)
    if period.start > now:
        raise NotFound(Text(zh=f"{name} 还没有开始。", en=f"{name} has not begun."))
    return period


def last_month(cases: Cases, *, now: datetime) -> str:
    """The month that was over most recently."""
    return month_of(now, cases.settings.time_zone).back(1).name


class _Trends:
    """The published values of the months up to a period, read once."""

    def __init__(self, tx: Connection, period: Period) -> None:
        back = [period.back(steps) for steps in range(SHOWN_BACK - 1, -1, -1)]
        self.months = [m.name for m in (back if period.is_month else period.months())]
        self._period = period.name
        self._values = published.values(tx, self.months)

    def of(self, figure: str, value: Any) -> tuple[tuple[str, float | None], ...]:
        """The series of a figure; the period itself with the value that is shown."""
        return tuple((m, value if m == self._period else self._values.get((figure, m))) for m in self.months)


def _line(definition: FigureDefinition, told: Published | None, facts: Facts, trends: _Trends) -> Line:
    measured = told.measured if told is not None else measure(definition, facts)
    return Line(definition, measured, told, trends.of(definition.id, measured.value))


def _unpublished(cases: Cases, now: datetime) -> list[Period]:
    month = month_of(now, cases.settings.time_zone)
    with cases.database.read() as tx:
        first = tx.execute(select(func.min(Case.opened_at))).scalar_one()
        if first is None or not definitions(cases, tx):
            return []
        told = published.periods(tx)
    back = [month.back(steps) for steps in range(CATCH_UP, 0, -1)]
    return [m for m in back if m.end > first and m.name not in told]


_NOT_OVER = Text(
    zh="{period} 还没有结束, 指标只能在期末之后发布; 请等到期末。",
    en="{period} is not over yet; figures are published after its end. Wait until then.",
)

"""The written procedure as people read it: each clause with what realises it and how it was kept in a period."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select

from engine.acts.reports import began
from engine.acts.visibility import visible_to
from engine.bpmn import releases
from engine.bpmn.clauses import Clause, Token
from engine.bpmn.diagram import Diagram, Element
from engine.bpmn.library import Library
from engine.bpmn.register import Place, Register
from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.models import Case
from engine.foundation.security import Actor, require
from engine.foundation.text import Text
from engine.record.clause_counts import Passed, Tally, Watched, by_case, events_between, passed, total
from engine.record.figures import Period, month_of

KEPT_COUNTS = 8  # periods whose histories need not be read again
SHOWN_CASES = 200
VERDICTS = ("executed", "kept", "breached", "waived")
STATUSES: Mapping[str, Text] = {
    "realised": Text(zh="已实现", en="Realised"),
    "reasoned": Text(zh="不实现, 有理由", en="Not realised, with a reason"),
    "cut_off": Text(zh="原文缺失", en="Cut off in the source"),
    "open": Text(zh="未实现", en="Open"),
}
"""How a clause may stand."""

_happened: WeakKeyDictionary[Cases, OrderedDict[tuple[int, str], tuple[int, Passed]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause in the list; `counts` is None when nothing of it can be counted, `limited` when it has a deadline."""

    clause: Clause
    status: str
    tokens: tuple[Token, ...]
    counts: Tally | None
    cases: int
    limited: bool
    waivable: bool


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """The clauses that were asked for, in the source's order, out of all of a release."""

    period: Period
    release: int
    register: Register
    library: Library
    lines: tuple[ClauseLine, ...]


@dataclass(frozen=True, slots=True)
class Station:
    """An element that realises a clause, with its own counts; `deadlines` are the timers that watch it."""

    diagram: Diagram
    element: Element
    waiver: bool
    counts: Tally
    deadlines: tuple[Element, ...]

    @property
    def limited(self) -> bool:
        """Whether it can be late."""
        return bool(self.deadlines) or "limit" in self.element.properties


@dataclass(frozen=True, slots=True)
class ClauseCase:
    """A case in which something of a clause happened; its page opens at the event `counts.seq`."""

    number: str
    title: str
    status: str
    counts: Tally


@dataclass(frozen=True, slots=True)
class ClausePage:
    """One clause with everything behind it; `hidden` counts cases that are kept from the reader."""

    period: Period
    release: int
    line: ClauseLine
    register: Register
    library: Library
    stations: tuple[Station, ...]
    cases: tuple[ClauseCase, ...]
    more: int
    hidden: int
    before: str | None
    after: str | None


def this_month(cases: Cases, *, now: datetime) -> str:
    """The period that is shown when none was chosen."""
    return month_of(now, cases.settings.time_zone).name


def procedure_page(
    cases: Cases,
    period: str,
    *,
    actor: Actor,
    now: datetime,
    kind: str | None = None,
    status: str | None = None,
    verdict: str | None = None,
    search: str | None = None,
) -> ProcedurePage:
    """The clauses of the current release with their counts in a period. Raises NotFound, Forbidden.

    `verdict` leaves those in which that happened; `search` looks for every word in ids, words and documents.
    """
    require(actor, "see_processes")
    when = began(cases, period, now=now)
    with cases.database.read() as tx:
        number = releases.current(tx)
        library = cases.releases.library(number, tx)
        register = Register.of(library)
        reader = _Reader(library, register, _passed(cases, tx, number, library, when))
    wanted = [c for c in register.clauses.values() if _is_wanted(c, register, kind, status, search)]
    lines = [reader.line(clause) for clause in wanted]
    shown = [line for line in lines if verdict is None or (line.counts and getattr(line.counts, verdict))]
    return ProcedurePage(when, number, register, library, tuple(shown))


def clause_page(
    cases: Cases, clause: str, period: str, *, actor: Actor, now: datetime, verdict: str | None = None
) -> ClausePage:
    """One clause: its elements, what else realises it, and the cases of a period. Raises NotFound, Forbidden."""
    require(actor, "see_processes")
    when = began(cases, period, now=now)
    with cases.database.read() as tx:
        number = releases.current(tx)
        library = cases.releases.library(number, tx)
        register = Register.of(library)
        if clause not in register.clauses:
            raise NotFound(_NO_CLAUSE.format(found=clause))
        reader = _Reader(library, register, _passed(cases, tx, number, library, when))
        found = {
            case: tally
            for case, tally in reader.by_case(clause).items()
            if verdict is None or getattr(tally, verdict)
        }
        seen = _cases(tx, found, actor)
    order = list(register.clauses)
    place = order.index(clause)
    return ClausePage(
        period=when,
        release=number,
        line=reader.line(register.clauses[clause]),
        register=register,
        library=library,
        stations=tuple(reader.stations(clause)),
        cases=tuple(seen[:SHOWN_CASES]),
        more=max(0, len(seen) - SHOWN_CASES),
        hidden=len(found) - len(seen),
        before=order[place - 1] if place else None,
        after=order[place + 1] if place + 1 < len(order) else None,
    )


class _Reader:
    """Puts clauses and counts together."""

    def __init__(self, library: Library, register: Register, happened: Passed) -> None:
        self.library, self.register, self.happened = library, register, happened
        self.deadlines = _deadlines(library)
        self.limited = frozenset(self.deadlines.values())

    def watched(self, clause: str) -> Watched:
        """The elements of a clause; of one that only whole processes realise, their beginnings."""
        places = [t.place for t in self.register.of_kind(clause, "element")]
        if not places:
            named = (self.library.diagrams.get(t.name) for t in self.register.of_kind(clause, "process"))
            places = [(d.process, d.start.id) for d in named if d is not None and d.start is not None]
        return Watched(places, [t.place for t in self.register.of_kind(clause, "waiver")])

    def by_case(self, clause: str) -> Mapping[UUID, Tally]:
        return by_case(self.watched(clause), self.happened, deadlines=self.deadlines)

    def line(self, clause: Clause) -> ClauseLine:
        watched = self.watched(clause.id)
        found = self.by_case(clause.id)
        return ClauseLine(
            clause=clause,
            status=self.register.status(clause.id),
            tokens=self.register.tokens[clause.id],
            counts=total(found.values()) if watched.elements or watched.waivers else None,
            cases=len(found),
            limited=any(place in self.limited for place in watched.elements),
            waivable=bool(watched.waivers),
        )

    def stations(self, clause: str) -> Iterator[Station]:
        waivers = {token.place for token in self.register.of_kind(clause, "waiver")}
        for place in dict.fromkeys(t.place for t in self.register.of_kind(clause, "element", "waiver")):
            if self.library.element(*place) is None:
                continue  # a release that was published unchecked
            diagram = self.library.diagrams[place[0]]
            timers = [timer for timer, host in self.deadlines.items() if host == place != timer]
            own = (self.happened.get(one, {}).values() for one in (place, *timers))
            yield Station(
                diagram=diagram,
                element=diagram.elements[place[1]],
                waiver=place in waivers,
                counts=total(tally for tallies in own for tally in tallies),
                deadlines=tuple(diagram.elements[timer] for _, timer in timers),
            )


def _is_wanted(
    clause: Clause, register: Register, kind: str | None, status: str | None, search: str | None
) -> bool:
    told = (clause.id, *(getattr(t, each) for t in (clause.words, clause.document) for each in ("zh", "en")))
    text = " ".join(told).casefold()
    return (
        kind in (None, clause.kind)
        and status in (None, register.status(clause.id))
        and all(word in text for word in (search or "").casefold().split())
    )


def _deadlines(library: Library) -> Mapping[Place, Place]:
    """From each timer that goes off when a limit is used up to the element that it is attached to.

    A task that names its limit itself leads to itself.
    """
    every = ((d.process, element) for d in library.diagrams.values() for element in d.elements.values())
    return {
        (process, element.id): (process, element.attached_to or element.id)
        for process, element in every
        if (element.attached_to and element.limit and element.limit[1] >= 100)
        or "limit" in element.properties
    }


def _passed(cases: Cases, tx: Connection, release: int, library: Library, when: Period) -> Passed:
    """What happened in a period; read again only when its histories have grown."""
    events = events_between(tx, start=when.start, end=when.end)
    kept = _happened.setdefault(cases, OrderedDict())
    known = kept.get((release, when.name))
    if known is None or known[0] != events:
        found = passed(tx, start=when.start, end=when.end, deadlines=_deadlines(library))
        kept[release, when.name] = known = (events, found)
        while len(kept) > KEPT_COUNTS:
            kept.popitem(last=False)
    return known[1]


def _cases(tx: Connection, found: Mapping[UUID, Tally], actor: Actor) -> list[ClauseCase]:
    """The cases that the reader may see, newest first."""
    rows: list[Any] = []
    for some in _portions(list(found)):
        query = select(Case.id, Case.number, Case.title, Case.status).where(
            Case.id.in_(some), visible_to(actor)
        )
        rows += tx.execute(query).all()
    rows.sort(key=lambda row: row.number, reverse=True)
    return [ClauseCase(row.number, row.title, row.status, found[row.id]) for row in rows]


def _portions(ids: Sequence[UUID], size: int = 500) -> Iterable[Collection[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


_NO_CLAUSE = Text(
    zh="没有条款 {found}。请从条款列表中选择。",
    en="There is no clause {found}; choose one from the list of clauses.",
)

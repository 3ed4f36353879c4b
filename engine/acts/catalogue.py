"""What is published: processes, decision tables and forms of a release, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.acts.limit_names import limit_names
from engine.acts.visibility import visible_to
from engine.bpmn import releases
from engine.bpmn.decisions import DecisionTable
from engine.bpmn.diagram import Diagram, Element
from engine.bpmn.forms import Form
from engine.bpmn.library import Library
from engine.cases import Cases, pausing
from engine.foundation.errors import NotFound
from engine.foundation.models import Case, Release
from engine.foundation.security import Actor, require
from engine.foundation.text import Text

TO_BE_CONFIRMED = "待公司确认"


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process in the list: how big it is, who works in it, who calls it, how many cases it runs now."""

    id: str
    name: Text
    documentation: Text
    groups: tuple[str, ...]
    activities: int
    clauses: int
    startable: bool
    called_by: tuple[tuple[str, Text], ...]
    open_cases: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that one release holds."""

    release: int
    at: datetime
    processes: tuple[ProcessLine, ...]
    tables: tuple[DecisionTable, ...]
    forms: tuple[Form, ...]


def catalogue(cases: Cases, *, actor: Actor, release: int | None = None) -> Catalogue:
    """The contents of a release (the current one by default), what people may start first. Raises NotFound, Forbidden."""
    require(actor, "see_processes")
    with cases.database.read() as tx:
        row = _release(tx, release)
        running = _running(tx, actor)
    library = cases.releases.library(row.number)
    lines = [_process_line(library, diagram, running) for diagram in library.diagrams.values()]
    return Catalogue(
        release=row.number,
        at=row.at,
        processes=tuple(sorted(lines, key=lambda line: not line.startable)),
        tables=tuple(library.tables.values()),
        forms=tuple(library.forms.values()),
    )


def _release(tx: Connection, number: int | None) -> Any:
    wanted = releases.current(tx) if number is None else number
    row = tx.execute(select(Release.number, Release.at).where(Release.number == wanted)).one_or_none()
    if row is None:
        raise _no_such(zh=f"发布版本 {wanted}", en=f"release {wanted}")
    return row


def _running(tx: Connection, actor: Actor) -> dict[str, int]:
    counted = tx.execute(
        select(Case.process, func.count())
        .where(Case.ended_at.is_(None), visible_to(actor))
        .group_by(Case.process)
    )
    return dict(counted.tuples().all())


def _process_line(library: Library, diagram: Diagram, running: dict[str, int]) -> ProcessLine:
    elements = diagram.elements.values()
    groups = [diagram.group, *(e.group for e in elements if e.kind == "userTask")]
    return ProcessLine(
        id=diagram.process,
        name=diagram.name,
        documentation=diagram.documentation,
        groups=tuple(dict.fromkeys(g for g in groups if g)),
        activities=sum(is_activity(e) for e in elements),
        clauses=len({clause for e in elements for clause in e.clauses}),
        startable=diagram.properties.get("starts") == "case",
        called_by=_callers(library, diagram.process),
        open_cases=running.get(diagram.process, 0),
    )


def is_activity(element: Element) -> bool:
    """Whether an element is work: a task or a called diagram."""
    return element.kind.endswith("Task") or element.kind == "callActivity"


def _callers(library: Library, process: str) -> tuple[tuple[str, Text], ...]:
    return tuple(
        (d.process, d.name)
        for d in library.diagrams.values()
        if any(e.called == process for e in d.elements.values())
    )


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """One diagram, read only, with all that its elements refer to."""

    release: int
    diagram: Diagram
    line: ProcessLine
    elements: tuple[Element, ...]
    tables: dict[str, DecisionTable]
    forms: dict[str, Form]
    called: dict[str, Text]
    diagrams: dict[str, Diagram]
    limits: Mapping[str, Text]


def process_page(cases: Cases, process: str, *, actor: Actor, release: int | None = None) -> ProcessPage:
    """The diagram with its elements and the diagrams that it calls. Raises NotFound, Forbidden."""
    require(actor, "see_processes")
    with cases.database.read() as tx:
        number = _release(tx, release).number
        running = _running(tx, actor)
    library = cases.releases.library(number)
    diagram = library.diagrams.get(process)
    if diagram is None:
        raise _no_such(zh=f"流程 {process}", en=f"process {process}")
    elements = tuple(diagram.elements.values())
    called = {e.called for e in elements if e.called}
    return ProcessPage(
        release=number,
        diagram=diagram,
        line=_process_line(library, diagram, running),
        elements=elements,
        tables={t: library.tables[t] for e in elements if (t := e.decision or "") in library.tables},
        forms={e.form: library.forms[e.form] for e in elements if e.form in library.forms},
        called={p: d.name for p, d in library.diagrams.items() if p in called},
        limits=limit_names(library),
        diagrams={p: d for p, d in library.diagrams.items() if p in called or p == process},
    )


@dataclass(frozen=True, slots=True)
class TablePage:
    """A decision table; `words` is what forms call their choices and the table of limits its limits."""

    table: DecisionTable
    words: dict[str, Text]


def table_page(cases: Cases, table: str, *, actor: Actor, release: int | None = None) -> TablePage:
    """One decision table. Raises NotFound, Forbidden."""
    require(actor, "see_processes")
    library = _library(cases, release)
    found = library.tables.get(table)
    if found is None:
        raise _no_such(zh=f"决策表 {table}", en=f"decision table {table}")
    choices = (choice for form in library.forms.values() for field in form.fields for choice in field.choices)
    words = {choice.value: choice.title for choice in choices if isinstance(choice.value, str)}
    return TablePage(found, words | dict(limit_names(library)) | _asked(library, found) | _explained(found))


def _asked(library: Library, table: DecisionTable) -> dict[str, Text]:
    """What the forms call the answers that a table looks at: its results may name them."""
    words = {}
    for column in table.inputs:
        form, _, name = column.expression.source.partition(".")
        field = library.forms[form].field(name) if form in library.forms else None
        if field is not None:
            words[name] = field.title
    return words


def _explained(table: DecisionTable) -> dict[str, Text]:
    """A table of reasons says in its rows' notes what each of them means."""
    if table.id != pausing.TABLE:
        return {}
    return {str(reason): rule.annotation for rule in table.rules for reason in rule.cells[0].literals}


def form_page(cases: Cases, form: str, *, actor: Actor, release: int | None = None) -> Form:
    """One form. Raises NotFound, Forbidden."""
    require(actor, "see_processes")
    found = _library(cases, release).forms.get(form)
    if found is None:
        raise _no_such(zh=f"表单 {form}", en=f"form {form}")
    return found


def _library(cases: Cases, release: int | None) -> Library:
    with cases.database.read() as tx:
        number: int = _release(tx, release).number
    return cases.releases.library(number)


def _no_such(*, zh: str, en: str) -> NotFound:
    return NotFound(
        Text(
            zh=f"没有{zh}。请从流程列表中选择。",
            en=f"There is no {en}; choose one from the list of processes.",
        )
    )

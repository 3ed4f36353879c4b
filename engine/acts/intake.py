"""A report from outside the company opens a case in the process that is made for it, once, with its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from engine.acts import worklist
from engine.acts.worklist import Startable
from engine.bpmn.library import Library
from engine.cases import AlreadyApplied, Cases, IncidentRaised
from engine.desk.attachments import CheckedFile
from engine.foundation.errors import NotFound
from engine.foundation.security import Actor
from engine.foundation.text import Text

OUTSIDE = UUID("6f5b7c62-9d1e-5c7b-8a61-3f3f2f6f1d10")  # names cases by the request that opened them
FAULT, COMPLAINT = "fault", "complaint"  # kinds of process (property `kind`)
GIVEN = frozenset(
    {"channel", "customer", "description", "serial", "contact", "phone", "email", "location", "received_at"}
)
"""What somebody outside can be asked; a process whose start form needs more is not for them."""


def open_report(
    cases: Cases,
    kind: str,
    answers: Mapping[str, Any],
    files: Sequence[CheckedFile] = (),
    *,
    actor: Actor,
    now: datetime,
    key: str,
    received_at: datetime | None = None,
) -> UUID:
    """Open a case for a fault or a complaint; the same `key` of the same actor opens one case only. Returns its id.

    Raises InvalidAnswers, NotFound when no process takes reports from outside. A diagram that fails has opened the
    case all the same: the incident is ours, not the customer's.
    """
    chosen = process_for(cases, kind)
    known = {field.name for field in chosen.form.fields} if chosen.form else set()
    raw = {name: value for name, value in answers.items() if name in known and value}
    case_id = uuid5(OUTSIDE, f"{actor.id} {key}")
    with suppress(IncidentRaised):
        worklist.start(
            cases, chosen.process, raw, actor=actor, now=now, key=str(case_id), received_at=received_at
        )
    if files:
        once = str(uuid5(case_id, "files"))
        with suppress(AlreadyApplied), cases.step(case_id, actor=actor, now=now, key=once) as step:
            step.attach(files)
    return case_id


def process_for(cases: Cases, kind: str) -> Startable:
    """The first process of that kind whose start form asks no more than people outside can say; else one for faults."""
    library = cases.current_library()
    suited = [one for one in worklist.startable(cases) if _needs(one) <= GIVEN]
    for wanted in (kind, FAULT):
        for one in suited:
            if _kind(library, one) == wanted:
                return one
    raise NotFound(_NOWHERE)


def _needs(startable: Startable) -> set[str]:
    form = startable.form
    return set() if form is None else {str(name) for name in form.schema.get("required", ())}


def _kind(library: Library, startable: Startable) -> str | None:
    return library.diagrams[startable.process].properties.get("kind")


_NOWHERE = Text(
    zh="目前不能在网上报修。请致电我们的服务热线。",
    en="Reports cannot be taken here at the moment; please call our service line.",
)

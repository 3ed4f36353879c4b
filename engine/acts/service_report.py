"""The service report as a sheet of paper: what was done on site, who signed, and both copies, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.acts.case_head import CaseHead
from engine.acts.case_reading import case_page
from engine.acts.facts import Fact, facts_of, form_of
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.models import Person
from engine.foundation.security import OWN_ACTORS, Actor
from engine.foundation.text import Text
from engine.record import history
from engine.record.history import EventRow

PROCESS, REPORT = "service_report", "write_service_report"
VISIT = ("arrange_visit", "confirm_arrival", "check_safety", "repair_on_site")
CUSTOMER = ("confirm_with_customer",)
COPIES = ("review_as_service_department", "review_as_call_center")
PICTURE = "data:image/"


@dataclass(frozen=True, slots=True)
class Part:
    """One step on the sheet: what was written, by whom and when; `signature` is a picture, as a data address."""

    name: Text
    facts: tuple[Fact, ...]
    by: Text
    at: datetime
    signature: str | None


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """The sheet: the report itself, the visit behind it, the customer's word, and the copies that were acknowledged."""

    case: CaseHead
    reported: tuple[Fact, ...]
    report: Part
    visit: tuple[Part, ...]
    customer: tuple[Part, ...]
    copies: tuple[Part, ...]


def service_report(cases: Cases, number: str, *, actor: Actor, now: datetime) -> ServiceReport:
    """The latest report of a case, with the copies acknowledged since. Raises NotFound, Forbidden."""
    page = case_page(cases, number, actor=actor, now=now, with_history=False)
    with cases.database.read() as tx:
        library = cases.releases.library(page.case.release, tx)
        events = [event for event in history.of_case(tx, page.case.id) if event.kind == "task:complete"]
        people = dict(tx.execute(select(Person.id, Person.name)).tuples().all())
    written = next((event.seq for event in reversed(events) if event.element == REPORT), None)
    if written is None:
        raise NotFound(_NOT_WRITTEN.format(number=number))

    def parts(elements: Sequence[str], *, since: int = 0) -> tuple[Part, ...]:
        latest = {event.element: event for event in events if event.seq >= since}
        return tuple(_part(latest[one], library, people) for one in elements if one in latest)

    return ServiceReport(
        case=page.case,
        reported=page.facts,
        report=parts((REPORT,))[0],
        visit=parts(VISIT),
        customer=parts(CUSTOMER),
        copies=parts(COPIES, since=written),
    )


def _part(event: EventRow, library: Library, people: Mapping[str, str]) -> Part:
    answers: Mapping[str, Any] = event.content.get("input", {}).get("answers") or {}
    pictures = {name: value for name, value in answers.items() if str(value).startswith(PICTURE)}
    words = {name: value for name, value in answers.items() if name not in pictures}
    process, element = str(event.process), str(event.element)
    return Part(
        name=library.diagrams[process].elements[element].name,
        facts=facts_of(words, form_of(library, process, element)),
        by=_called(event.actor, people),
        at=event.at,
        signature=next(iter(pictures.values()), None),
    )


def _called(person: str, people: Mapping[str, str]) -> Text:
    name = OWN_ACTORS[person].name if person in OWN_ACTORS else people.get(person, person)
    return Text(zh=str(name), en=str(name))


_NOT_WRITTEN = Text(
    zh="应有已填写的服务报告, 但案例 {number} 还没有; 现场工作完成并填写后再打印。",
    en="Expected a service report, found none for case {number} yet; it can be printed once it is written after the visit.",
)

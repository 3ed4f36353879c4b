"""What was published stays: a month is published once, and a correction takes a reason and two different people."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from engine.acts import figure_changes, figure_definitions, report_files, reports
from engine.acts.cast import People
from engine.bpmn import releases
from engine.bpmn.library import SourceFile
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.figures import FIGURES
from engine.foundation.models import Case
from engine.foundation.models.publications import FigureChange, PublishedFigure
from engine.foundation.security import SYSTEM, Actor
from engine.record import published
from tests.engine.ledgers import Told, write

NOW = datetime(2026, 4, 3, tzinfo=UTC)
OPENED = datetime(2026, 3, 10, 2, tzinfo=UTC)
DUE = OPENED + timedelta(hours=8)
RATE = "timely_repair_rate"


def _file(*entries: dict[str, Any]) -> SourceFile:
    return SourceFile(FIGURES, json.dumps({"figures": entries}).encode())


def _entry(id: str, kind: str, parameters: dict[str, Any], version: int = 1) -> dict[str, Any]:
    words = {"zh": "待公司确认", "en": "to be confirmed by the company"}
    more = {
        "section": "promises",
        "unit": "percent",
        "title": words,
        "definition": words,
        "clauses": ["R-111"],
    }
    return {"id": id, "version": version, "kind": kind, "parameters": parameters, **more}


TIMELY = _entry(
    RATE,
    "timely_repair",
    {
        "kinds": ["fault"],
        "limit": "restoration",
        "intercepted_links": [],
        "manufacturer": [],
        "uncovered": [],
        "cancelled": [],
        "withdrawn": [],
    },
)
MAJOR = _entry("major_faults", "severe", {"kinds": ["fault"], "severities": ["major"]})


@pytest.fixture
def cases(database: Database, people: People) -> Cases:
    """Two faults in March: one restored in time, one still open within its limit because its clock stands still."""
    good = Told("SH-2026-000001", "fault", OPENED, OPENED, clocks={"restoration": (DUE, DUE, None)})
    good.moments["restored_at"] = DUE
    open_ = Told("SH-2026-000002", "fault", OPENED, OPENED, clocks={"restoration": (None, None, None)})
    with database.write() as tx:
        write(tx, [good, open_], [])
        releases.publish(tx, [_file(TIMELY, MAJOR)], actor="xie_liu", at=OPENED, note="")
    return Cases(database)


@pytest.fixture
def late(cases: Cases) -> Callable[[], None]:
    """What makes the published rate wrong: the open fault ended without being restored."""

    def act() -> None:
        with cases.database.write() as tx:
            ended = (
                update(Case).where(Case.number == "SH-2026-000002").values(ended_at=NOW, outcome="decided")
            )
            tx.execute(ended)

    return act


def _proposed(cases: Cases, people: People, figure: str = RATE) -> UUID:
    return figure_changes.propose(
        cases, "2026-03", figure, reason="二号故障后来没有修复", actor=people.yang_zhi, now=NOW
    )


def _rate(cases: Cases) -> Any:
    lines = reports.report(cases, "2026-03", actor=SYSTEM, now=NOW + timedelta(days=9)).lines
    return next(line for line in lines if line.definition.id == RATE)


def test_a_published_figure_keeps_value_version_and_cases_whatever_happens_later(
    cases: Cases, people: People, late: Callable[[], None]
) -> None:
    assert _rate(cases).published is None
    assert reports.publish_period(cases, "2026-03", actor=people.yang_zhi, now=NOW) == 2
    late()
    line = _rate(cases)
    assert (line.measured.value, line.measured.numerator, line.measured.denominator) == (100.0, 1, 1)
    assert (line.published.version, line.published.release, line.published.revision) == (1, 1, 1)
    assert line.published.published_by == "yang_zhi" and line.published.published_at == NOW
    assert [(m.part, m.case) for m in line.measured.members] == [
        ("kept", "SH-2026-000001"),
        ("not_due", "SH-2026-000002"),
    ]
    assert reports.publish_period(cases, "2026-03", actor=people.yang_zhi, now=NOW) == 0


def test_a_month_is_not_published_before_it_is_over_nor_by_just_anybody(cases: Cases, people: People) -> None:
    with pytest.raises(Rejection, match="not over"):
        reports.publish_period(cases, "2026-04", actor=people.yang_zhi, now=NOW)
    with pytest.raises(Forbidden):
        reports.publish_period(cases, "2026-03", actor=people.li_gong, now=NOW)
    with pytest.raises(NotFound):
        reports.publish_period(cases, "2026-05", actor=people.yang_zhi, now=NOW)


def test_the_monthly_job_publishes_each_closed_month_once(cases: Cases) -> None:
    may = datetime(2026, 5, 31, 16, tzinfo=UTC)  # 1 June in Shanghai, 00:00
    assert reports.publish_due(cases, now=may - timedelta(microseconds=1)) == 4
    assert reports.publish_due(cases, now=may) == 2
    assert reports.publish_due(cases, now=may) == 0
    with cases.database.read() as tx:
        assert published.periods(tx) == {"2026-03", "2026-04", "2026-05"}


def test_two_processes_that_publish_the_same_month_publish_it_once(cases: Cases) -> None:
    with cases.database.read() as tx:
        figure = figure_definitions.definitions(cases, tx)[RATE]
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    measured = _rate(cases).measured
    with pytest.raises(IntegrityError), cases.database.write() as tx:
        published.publish(tx, figure, measured, period="2026-03", release=1, at=NOW, actor="system")


def test_the_database_refuses_to_change_what_was_published(cases: Cases) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), cases.database.write() as tx:
        tx.execute(update(PublishedFigure).values(value=99.0))
    with pytest.raises(DatabaseError, match="append-only"), cases.database.write() as tx:
        tx.execute(PublishedFigure.__table__.delete())


def test_a_recalculation_shows_the_difference_and_writes_nothing(
    cases: Cases, people: People, late: Callable[[], None]
) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    assert figure_changes.differences(cases, "2026-03", actor=people.li_gong, now=NOW) == ()
    late()
    (difference,) = figure_changes.differences(cases, "2026-03", actor=people.li_gong, now=NOW)
    assert (difference.old.measured.value, difference.new.value) == (100.0, 50.0)
    assert difference.moved == (("SH-2026-000002", "not_due", "missed"),)
    assert _rate(cases).measured.value == 100.0


def test_two_signatures_replace_a_figure_and_the_old_one_stays_readable(
    cases: Cases, people: People, late: Callable[[], None]
) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    first = _rate(cases).published
    late()
    change = _proposed(cases, people)
    assert not figure_changes.sign(cases, change, actor=people.zhou_fu, now=NOW)
    assert _rate(cases).measured.value == 100.0
    assert figure_changes.sign(cases, change, actor=people.yang_zhi, now=NOW)
    line = _rate(cases)
    assert (line.measured.value, line.published.revision) == (50.0, 2)
    assert line.published.supersedes == first.id
    assert line.published.signed_by == ("yang_zhi", "zhou_fu")
    with cases.database.read() as tx:
        assert [p.measured.value for p in published.revisions(tx, RATE, "2026-03")] == [100.0, 50.0]
    assert figure_changes.waiting(cases, actor=people.li_gong) == ()


def test_what_was_signed_is_what_is_published(cases: Cases, people: People, late: Callable[[], None]) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    late()
    change = _proposed(cases, people)
    with cases.database.write() as tx:
        tx.execute(update(Case).where(Case.number == "SH-2026-000001").values(kind="consultation"))
    for signer in (people.yang_zhi, people.zhou_fu):
        figure_changes.sign(cases, change, actor=signer, now=NOW)
    assert _rate(cases).measured.value == 50.0


def test_one_person_in_both_groups_signs_once(cases: Cases, people: People, late: Callable[[], None]) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    late()
    change = _proposed(cases, people)
    both = replace(people.yang_zhi, groups=frozenset({"quality_control", "vice_president"}))
    assert not figure_changes.sign(cases, change, actor=both, now=NOW)
    with pytest.raises(Forbidden):
        figure_changes.sign(cases, change, actor=both, now=NOW)
    other = Actor(id="cao_zhi", name="曹志", groups=frozenset({"quality_control"}))
    with pytest.raises(Conflict, match="signed already"):
        figure_changes.sign(cases, change, actor=other, now=NOW)
    with pytest.raises(Forbidden):
        figure_changes.sign(cases, change, actor=people.li_gong, now=NOW)
    assert _rate(cases).measured.value == 100.0


def test_a_change_that_is_turned_down_leaves_the_figure_and_can_be_proposed_again(
    cases: Cases, people: People, late: Callable[[], None]
) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    late()
    change = _proposed(cases, people)
    with pytest.raises(Conflict, match="waits for signatures already"):
        _proposed(cases, people)
    figure_changes.reject(cases, change, actor=people.zhou_fu, now=NOW)
    for act in (figure_changes.sign, figure_changes.reject):
        with pytest.raises(Conflict, match="settled"):
            act(cases, change, actor=people.zhou_fu, now=NOW)
    assert _rate(cases).measured.value == 100.0
    _proposed(cases, people)
    with cases.database.read() as tx:
        assert sorted(tx.execute(select(FigureChange.accepted)).scalars(), key=str) == [False, None]


def test_a_change_needs_a_reason_a_difference_and_something_published(
    cases: Cases, people: People, late: Callable[[], None]
) -> None:
    with pytest.raises(NotFound, match="never published"):
        _proposed(cases, people)
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    with pytest.raises(Rejection, match="nothing to change"):
        _proposed(cases, people)
    late()
    with pytest.raises(Rejection, match="reason"):
        figure_changes.propose(cases, "2026-03", RATE, reason=" ", actor=people.yang_zhi, now=NOW)
    with pytest.raises(Forbidden):
        figure_changes.propose(cases, "2026-03", RATE, reason="更正", actor=people.li_gong, now=NOW)


def test_a_new_version_of_a_definition_is_a_change_to_be_signed(cases: Cases, people: People) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    newer = TIMELY | {"version": 2, "parameters": TIMELY["parameters"] | {"uncovered": ["gold"]}}
    with cases.database.write() as tx:
        releases.publish(tx, [_file(newer, MAJOR)], actor="xie_liu", at=NOW, note="gold is left out")
    assert (_rate(cases).measured.value, _rate(cases).published.version) == (100.0, 1)
    change = _proposed(cases, people)
    for signer in (people.yang_zhi, people.zhou_fu):
        figure_changes.sign(cases, change, actor=signer, now=NOW)
    line = _rate(cases)
    assert (line.measured.value, line.published.version, line.published.release) == (None, 2, 2)


def test_a_published_figure_keeps_the_words_of_the_definition_by_which_it_was_made(
    cases: Cases, people: People
) -> None:
    reports.publish_period(cases, "2026-03", actor=SYSTEM, now=NOW)
    words = {"zh": "新的口径, 待公司确认", "en": "another way, to be confirmed by the company"}
    newer = TIMELY | {"version": 2, "definition": words, "title": words}
    with cases.database.write() as tx:
        releases.publish(tx, [_file(newer)], actor="xie_liu", at=NOW, note="")
    assert _rate(cases).definition.definition.en == "to be confirmed by the company"
    april = reports.report(cases, "2026-04", actor=SYSTEM, now=NOW)
    assert [line.definition.definition.en for line in april.lines] == [words["en"]]
    march = reports.report(cases, "2026-03", actor=SYSTEM, now=NOW)
    assert {line.definition.id for line in march.lines} == {RATE, "major_faults"}
    for version, release, said in ((1, 1, "to be confirmed by the company"), (2, 2, words["en"])):
        page = figure_definitions.definition_page(cases, RATE, version, actor=people.li_gong)
        assert (page.version.release, page.version.definition.definition.en) == (release, said)
        assert [one.definition.version for one in page.versions] == [2, 1]
    with pytest.raises(NotFound, match="no version 3"):
        figure_definitions.definition_page(cases, RATE, 3, actor=people.li_gong)


def test_a_page_leaves_out_the_cases_that_are_kept_from_its_reader(cases: Cases, people: People) -> None:
    with cases.database.write() as tx:
        tx.execute(update(Case).where(Case.number == "SH-2026-000002").values(kept_out=["li_gong"]))
    for person, numbers, hidden in ((people.li_gong, 1, 1), (people.sun_jing, 2, 0)):
        page = reports.figure_page(cases, "2026-03", RATE, actor=person, now=NOW)
        assert (len(page.members), page.hidden) == (numbers, hidden)
        assert page.line.measured.value == 100.0


def test_before_the_first_release_a_report_is_empty(database: Database, people: People) -> None:
    cases = Cases(database)
    assert reports.report(cases, "2026-03", actor=people.li_gong, now=NOW).lines == ()
    assert reports.publish_due(cases, now=NOW) == 0


def test_files_hold_what_the_page_shows_and_nothing_that_computes(cases: Cases) -> None:
    with cases.database.write() as tx:
        tx.execute(update(Case).values(customer_name="=1+1"))
    report = reports.report(cases, "2026-03", actor=SYSTEM, now=NOW)
    text = report_files.report_csv(report, "en").decode("utf-8-sig")
    assert text.splitlines()[1].startswith("Limits and repair,to be confirmed by the company,100.0,%,1,1,")
    page = reports.figure_page(cases, "2026-03", RATE, actor=SYSTEM, now=NOW)
    assert "SH-2026-000001,In time,480.0,min,'=1+1" in report_files.figure_csv(page, "en").decode("utf-8-sig")
    assert next(report_files.lines(report, "en")).endswith("100 %  (as it stands now)")

"""Every figure comes to what somebody with paper, pencil and much time would come to."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.event import listen

from engine.desk.calendar import Always, WorkingCalendar
from engine.desk.holidays_cn import Weekdays
from engine.foundation.database import Database
from engine.foundation.errors import NotFound, ProblemsFound
from engine.foundation.figure_kinds import KINDS
from engine.foundation.figures import FIGURES, FigureDefinition, Source, read_figures, sources_of
from engine.foundation.settings import source_folder
from engine.foundation.text import same
from engine.record.figures import (
    CALCULATIONS,
    Facts,
    Measured,
    Member,
    Row,
    from_data,
    measure,
    month_of,
    read_period,
)
from engine.record.figures.spans import merged as merged_spans
from tests.engine.ledgers import HALF_HOUR, Device, Said, Told, made_up, write

CHINA = "Asia/Shanghai"
PERIOD = read_period("2026-03", CHINA)
SINCE, UNTIL = datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC)
SEEDS = (1, 2, 3)
ASKED = Source("triage", "kind")
HOURS = {"always": Always(), "working": WorkingCalendar(days=Weekdays())}


@pytest.fixture(scope="module")
def known() -> dict[str, FigureDefinition]:
    """The figures as they are shipped, and readings whether or not the library inspects already."""
    shipped = read_figures((source_folder() / FIGURES).read_bytes())
    readings = {"answers": [{"element": "inspect_system", "field": "cpu_load"}]}
    flagged = {"incident": [{"element": "analyse_fault", "field": "security_event"}], "impact": "impact"}
    more = (_defined("cpu", "readings", readings), _defined("incidents", "flagged", flagged))
    return shipped | {one.id: one for one in more}


def _defined(id: str, kind: str, parameters: dict[str, Any]) -> FigureDefinition:
    return FigureDefinition(id, 1, "equipment", kind, "count", same(id), same(id), parameters, ("R-105",))


class Paper:
    """The same cases on paper."""

    def __init__(self, cases: list[Told], devices: list[Device], at: datetime) -> None:
        self.cases, self.devices, self.at = cases, devices, at

    def reported(self, *kinds: str) -> list[Told]:
        return [c for c in self.cases if c.real_kind in kinds and PERIOD.start <= c.received_at < PERIOD.end]

    def said(self, *elements: str) -> list[tuple[Told, Said]]:
        return [
            (case, said)
            for case in self.cases
            for said in case.said
            if said.element in elements and said.answers is not None and PERIOD.start <= said.at < PERIOD.end
        ]

    def over(self, case: Told) -> datetime | None:
        return case.moments.get("restored_at") or case.ended_at


@pytest.fixture(
    params=[(seed, mid) for seed in SEEDS for mid in (True, False)],
    ids=lambda p: f"{p[0]}-{'mid' if p[1] else 'over'}",
)
def paper(request: pytest.FixtureRequest, database: Database) -> Paper:
    """Cases made up at random, in the database and on paper; seen in the middle of the month and after it."""
    seed, middle = request.param
    at = datetime(2026, 3, 18, tzinfo=UTC) if middle else UNTIL
    cases, devices = made_up(seed, since=SINCE, until=at, how_many=160)
    with database.write() as tx:
        write(tx, cases, devices)
    return Paper(cases, devices, at)


def test_every_figure_agrees_with_a_slow_count(
    database: Database, paper: Paper, known: dict[str, FigureDefinition]
) -> None:
    with database.read() as tx:
        lanes = lambda _release, _process, element: _lane(element)  # noqa: E731
        facts = Facts(tx, PERIOD, paper.at, lanes, ASKED, calendars=HOURS)
        found = {name: measure(definition, facts) for name, definition in known.items()}
    assert set(SLOWLY) >= {definition.kind for definition in known.values()} | set(CALCULATIONS)
    for name, measured in found.items():
        expected = SLOWLY[known[name].kind](paper, known[name].parameters)
        actual = {
            key: getattr(measured, key) for key in ("value", "numerator", "denominator") if key in expected
        }
        assert actual == pytest.approx({k: v for k, v in expected.items() if k in actual}, nan_ok=True), name
        for key in expected.keys() - actual.keys() - {"parts", "rows"}:
            assert measured.details[key] == pytest.approx(expected[key]), (name, key)
        if "parts" in expected:
            assert Counter((m.part, m.case) for m in measured.members) == expected["parts"], name
        if "rows" in expected:
            assert {row.key: dict(row.values) for row in measured.rows} == expected["rows"], name
        assert from_data(measured.as_data()).as_data() == measured.as_data()


def _lane(element: str) -> str | None:
    return {"triage": "call_center", "analyse_fault": "service_engineer"}.get(element)


# -- paper and pencil ----------------------------------------------------------------------------------------------


def timely(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    parts = Counter[tuple[str, str]]()
    for case in paper.reported("fault"):
        due, met, late = case.clocks.get("restoration", (None, None, None))
        if "same_fault" in case.links and not case.moments.get("dispatched_at"):
            part = "intercepted"
        elif case.outcome in ("cancelled", "cancelled_by_customer") or case.answers("customer_withdrew"):
            part = "cancelled"
        elif case.coverage == "none":
            part = "out_of_contract"
        elif any(a["visitor"] == "manufacturer" for a in case.answers("arrange_visit")):
            part = "manufacturer"
        elif case.moments.get("restored_at") and ("restoration" not in case.clocks or met is None):
            part = "no_limit"
        elif case.moments.get("restored_at"):
            part = "missed" if late or (due and met and met > due) else "kept"
        elif case.ended_at or (met is None and due is not None and due < paper.at):
            part = "missed"
        else:
            part = "not_due"
        parts[part, case.number] += 1
    counts = Counter(part for part, _ in parts)
    kept, judged = counts["kept"], counts["kept"] + counts["missed"]
    return {
        "value": _percent(kept, judged),
        "numerator": kept,
        "denominator": judged,
        "reported": len(parts),
        "not_due": counts["not_due"],
        "intercepted": counts["intercepted"],
        "parts": parts,
    }


def interval(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    taken, parts = list[float](), Counter[tuple[str, str]]()
    for case in paper.reported(*given["kinds"]):
        since, until = case.moment(given["from"]), case.moment(given["to"])
        if since is None or (until is None and case.ended_at):
            continue
        took = ((until or paper.at) - since) / timedelta(minutes=1)
        if "target_minutes" in given:
            late: bool | None = took > given["target_minutes"]
        elif "overdue" in given:
            late = any(s.element in given["overdue"] for s in case.said)
        elif given.get("limit") in case.clocks:
            due, met, breached = case.clocks[given["limit"]]
            late = bool(breached) or (due is not None and (met or paper.at) > due)
        else:
            late = None
        if until is not None:
            taken.append(took)
            parts[{None: "measured", True: "missed", False: "kept"}[late], case.number] += 1
        else:
            parts["missed" if late else "open", case.number] += 1
    counts = Counter(part for part, _ in parts)
    return {
        "value": statistics.median(taken) if taken else None,
        "ninetieth": sorted(taken)[math.ceil(len(taken) * 0.9) - 1] if taken else None,
        "cases": len(taken),
        "kept_share": _percent(counts["kept"], counts["kept"] + counts["missed"]),
        "parts": parts,
    }


def first_time(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    solved = [c for c in paper.reported("fault") if c.moments.get("resolved_at") or c.reopened]
    good = [c for c in solved if len(c.answers("test_and_verify")) < 2 and not c.reopened]
    return {"value": _percent(len(good), len(solved)), "numerator": len(good), "denominator": len(solved)}


def repeats(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    faults = [c for c in paper.cases if c.real_kind == "fault" and c.asset is not None]
    mine = [c for c in paper.reported("fault") if c.asset is not None]
    again = [
        case
        for case in mine
        if any(
            other is not case
            and other.asset == case.asset
            and _nature(other) is not None
            and _nature(other) == _nature(case)
            and (other.received_at, other.number) < (case.received_at, case.number)
            and case.received_at - other.received_at <= timedelta(days=30)
            for other in faults
        )
    ]
    return {"value": _percent(len(again), len(mine)), "numerator": len(again), "denominator": len(mine)}


def faults(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    return _durations(paper, paper.reported("fault"), lambda c: _nature(c) or "unknown")


def severe(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    cases = [c for c in paper.reported("fault") if c.severity in given["severities"]]
    return _durations(paper, cases, lambda c: c.severity or "")


def accidents(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    cases = [
        c for c in paper.reported("fault") if c.severity == "major" or c.facts.get("impact") == "business"
    ]
    return _durations(paper, cases, lambda c: _class(paper, c))


def flagged(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    found = {c.number: c for c, s in paper.said("analyse_fault") if (s.answers or {}).get("security_event")}
    business = sum(c.facts.get("impact") == "business" for c in found.values())
    more = {"impact_business": business} if business else {}
    return {"value": len(found), "rows": {"malware": {"count": len(found)}} if found else {}, **more}


def reports(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    counts = Counter(c.channel or "unknown" for c in paper.reported(*given["kinds"]))
    return {"value": counts.total(), "rows": {channel: {"count": n} for channel, n in counts.items()}}


def complaints(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(CHINA)
    months = Counter(
        f"{c.received_at.astimezone(zone):%Y-%m}" for c in paper.cases if c.real_kind == "complaint"
    )
    shown = [
        "2025-04",
        "2025-05",
        "2025-06",
        "2025-07",
        "2025-08",
        "2025-09",
        "2025-10",
        "2025-11",
        "2025-12",
    ]
    shown += ["2026-01", "2026-02", "2026-03"]
    rising = 0
    for before, after in pairwise(shown):
        rising = rising + 1 if months[after] > months[before] else 0
    rows = {month: {"count": months[month]} for month in shown}
    return {"value": months["2026-03"], "rising": rising, "alarm": int(rising >= 2), "rows": rows}


def score(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    values = [
        value
        for source in given["answers"]
        for _, said in paper.said(source["element"])
        for line in ((said.answers or {}).get("answers", []) if "column" in source else [said.answers or {}])
        if (value := line.get(source.get("column", source["field"]))) is not None
    ]
    return {
        "value": round(sum(values) / len(values), 2) if values else None,
        "numerator": sum(values) if values else None,
        "denominator": len(values) or None,
        "score_5": values.count(5),
    }


def share(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    field, among = given["of"][0]["field"], "among" in given
    last: dict[str, Any] = {}
    for case, said in sorted(
        paper.said("call_customer"), key=lambda pair: (pair[0].number, pair[0].said.index(pair[1]))
    ):
        answers = said.answers or {}
        if answers.get("reached") == "yes" if among else field in answers:
            good = answers.get(field) in given["of"][0]["values"]
            last[case.number] = good or ("ever" in given and last.get(case.number, False))
    yes = sum(last.values())
    return {"value": _percent(yes, len(last)), "numerator": yes, "denominator": len(last)}


def ratings(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    scores = []
    for case in paper.cases:
        here = [s for s in case.ratings if PERIOD.start <= s.at < PERIOD.end]
        scores += [(s.answers or {})[given["field"]] for s in here[-1:]]
    return {
        "value": _mean(scores),
        "numerator": sum(scores) if scores else None,
        "denominator": len(scores) or None,
        **{f"score_{n}": scores.count(n) for n in set(scores)},
    }


def rated(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    done = [c for c in paper.reported(*given["kinds"]) if c.moments.get("closed_at") or c.ended_at]
    mine = [c for c in done if c.status not in ("declined", "cancelled")]
    parts = Counter(("yes" if c.ratings else "no", c.number) for c in mine)
    good = sum(bool(c.ratings) for c in mine)
    return {"value": _percent(good, len(mine)), "numerator": good, "denominator": len(mine), "parts": parts}


def returned(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    found = [said.answers or {} for _, said in paper.said("collect_answers")]
    back = sum(len(answers["answers"]) for answers in found)
    sent = sum(max(answers["asked"], len(answers["answers"])) for answers in found)
    return {"value": _percent(back, sent), "numerator": back, "denominator": sent, "surveys": len(found)}


def intact(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    at = min(paper.at, PERIOD.end)
    mine = [n for n, device in enumerate(paper.devices) if device.status == "in_service"]
    bad = {
        c.asset
        for c in paper.cases
        if c.real_kind == "fault" and c.received_at <= at and (paper.over(c) is None or paper.over(c) > at)  # type: ignore[operator]
    }
    whole = [n for n in mine if n not in bad]
    return {"value": _percent(len(whole), len(mine)), "numerator": len(whole), "denominator": len(mine)}


def availability(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    until = min(paper.at, PERIOD.end)
    mine = [n for n, device in enumerate(paper.devices) if device.status == "in_service"]
    slots = [PERIOD.start + HALF_HOUR * n for n in range(int((until - PERIOD.start) / HALF_HOUR))]
    bad = [
        c
        for c in paper.cases
        if c.real_kind == "fault" and c.severity in ("urgent", "major") and c.asset in mine
    ]
    agreed = [(n, slot) for n in mine for slot in slots if _served(paper.devices[n], slot, until)]
    down = sum(
        any(c.asset == n and c.began <= slot < (paper.over(c) or until) for c in bad) for n, slot in agreed
    )
    whole = len(agreed)
    return {
        "value": round(100 * (whole - down) / whole, 3),
        "denominator": whole * 30,
        "downtime_minutes": down * 30,
    }


def _served(device: Device, slot: datetime, until: datetime) -> bool:
    local, end = slot.astimezone(ZoneInfo(CHINA)), (until - HALF_HOUR).astimezone(ZoneInfo(CHINA))
    if device.ends_on is None or device.ends_on < end.date() or device.hours != "working":
        return True
    return local.weekday() < 5 and (9 <= local.hour < 12 or 13 <= local.hour < 18)


def readings(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    field = given["answers"][0]["field"]
    values = [
        s.answers[field]
        for _, s in paper.said("inspect_system")
        if s.answers and s.answers.get(field) is not None
    ]
    rows = {field: {"count": len(values), "average": _mean(values), "highest": max(values)}} if values else {}
    return {"value": _mean(values), "rows": rows}


def workload(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    every = [
        (c, s)
        for c in paper.cases
        for s in c.said
        if s.answers is not None and s.element is not None and PERIOD.start <= s.at < PERIOD.end
    ]
    rows: dict[str, Any] = {}
    for person in {s.actor for _, s in every}:
        mine = [(c, s) for c, s in every if s.actor == person]
        noted = [s.answers["time_spent"] for _, s in mine if s.answers and "time_spent" in s.answers]
        rows[person] = {
            "tasks": len(mine),
            "cases": len({c.number for c, _ in mine}),
            "noted_minutes": sum(noted) if noted else None,
        }
    for element in ("triage", "analyse_fault"):
        mine = [(c, s) for c, s in every if s.element == element]
        if mine:
            rows[f"group:{_lane(element)}"] = {"tasks": len(mine), "people": len({s.actor for _, s in mine})}
    return {"value": len(every), "rows": rows}


def turnaround(paper: Paper, given: dict[str, Any]) -> dict[str, Any]:
    days, kept = list[float](), 0
    for case in paper.cases:
        sent, late = None, False
        for said in case.said:
            if said.element == "ship_to_supplier":
                sent, late = said, False
            elif said.element == "supplier_overdue":
                late = True
            elif said.element in ("receive_part", "take_back_unrepaired") and sent is not None:
                if PERIOD.start <= said.at < PERIOD.end:
                    days.append(round((said.at - sent.at) / timedelta(days=1), 1))
                    kept += not late
                sent = None
    return {"value": _median(days), "numerator": kept, "denominator": len(days)}


SLOWLY = {
    "timely_repair": timely,
    "interval": interval,
    "first_time_fix": first_time,
    "repeats": repeats,
    "faults": faults,
    "severe": severe,
    "accidents": accidents,
    "flagged": flagged,
    "reports": reports,
    "complaints": complaints,
    "score": score,
    "share": share,
    "intact": intact,
    "availability": availability,
    "ratings": ratings,
    "rated": rated,
    "returned": returned,
    "readings": readings,
    "workload": workload,
    "turnaround": turnaround,
}


def _durations(paper: Paper, cases: Sequence[Told], key: Any) -> dict[str, Any]:
    lasted = {c.number: ((paper.over(c) or paper.at) - c.began) / timedelta(minutes=1) for c in cases}
    rows = {}
    for name in {key(c) for c in cases}:
        mine = [lasted[c.number] for c in cases if key(c) == name]
        rows[name] = {"count": len(mine), "total_minutes": sum(mine), "median_minutes": _median(mine)}
    return {"value": len(cases), "total_minutes": sum(lasted.values()), "rows": rows}


def _nature(case: Told) -> Any:
    analysed = [a["nature"] for a in case.answers("analyse_fault")]
    return (analysed or [a["nature"] for a in case.answers("triage")] or [None])[-1]


def _class(paper: Paper, case: Told) -> str:
    return (paper.devices[case.asset].asset_class if case.asset is not None else None) or "unknown"


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None


# -- single promises -----------------------------------------------------------------------------------------------


def test_a_fault_counts_as_late_the_moment_its_limit_is_over_and_not_before(
    database: Database, known: dict[str, FigureDefinition]
) -> None:
    due = datetime(2026, 3, 10, 4, tzinfo=UTC)
    opened = due - timedelta(hours=4)
    case = Told("SH-2026-000001", "fault", opened, opened, clocks={"restoration": (due, None, None)})
    with database.write() as tx:
        write(tx, [case], [])
    parts = []
    for at in (due, due + timedelta(microseconds=1)):
        with database.read() as tx:
            parts.append(measure(known["timely_repair_rate"], Facts(tx, PERIOD, at)).members[0].part)
    assert parts == ["not_due", "missed"]


def test_a_month_begins_and_ends_at_local_midnight(
    database: Database, known: dict[str, FigureDefinition]
) -> None:
    midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)  # 1 March, 00:00 in Shanghai
    moments = [
        midnight - HALF_HOUR,
        midnight,
        midnight + timedelta(days=31) - HALF_HOUR,
        midnight + timedelta(days=31),
    ]
    cases = [Told(f"SH-2026-00000{n}", "fault", at, at) for n, at in enumerate(moments)]
    with database.write() as tx:
        write(tx, cases, [])
    with database.read() as tx:
        measured = measure(known["fault_reports"], Facts(tx, PERIOD, UNTIL))
    assert [m.case for m in measured.members] == ["SH-2026-000001", "SH-2026-000002"]


def test_all_figures_together_ask_the_database_as_often_for_many_cases_as_for_few(
    database: Database, known: dict[str, FigureDefinition]
) -> None:
    elements = frozenset(s.element for definition in known.values() for s in sources_of(definition))
    asked = []
    for seed, how_many in ((1, 20), (2, 200)):
        cases, devices = made_up(seed, since=SINCE, until=UNTIL, how_many=how_many)
        for one in (*cases, *devices):
            where = "number" if isinstance(one, Told) else "serial"
            setattr(one, where, f"{getattr(one, where)}-{seed}")
        with database.write() as tx:
            write(tx, cases, devices)
        with database.read() as tx:
            statements: list[str] = []
            listen(tx, "before_cursor_execute", lambda *told, said=statements: said.append(told[2]))
            facts = Facts(tx, PERIOD, UNTIL, kind_source=ASKED, elements=elements)
            for definition in known.values():
                measure(definition, facts)
            asked.append(len(statements))
    assert asked[0] == asked[1] <= len(known)


def test_an_empty_month_has_no_shares_and_no_errors(
    database: Database, known: dict[str, FigureDefinition]
) -> None:
    with database.read() as tx:
        facts = Facts(tx, PERIOD, UNTIL)
        found = {name: measure(definition, facts) for name, definition in known.items()}
    assert {name for name, measured in found.items() if measured.value} == set()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=12))
def test_downtime_that_overlaps_is_counted_once(spans: list[tuple[int, int]]) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    given = [(start + HALF_HOUR * a, start + HALF_HOUR * (a + n)) for a, n in spans]
    merged = sum((b - a for a, b in merged_spans(given)), timedelta())
    covered = {slot for a, n in spans for slot in range(a, a + n)}
    assert merged == HALF_HOUR * len(covered)


def test_periods_know_their_neighbours_and_refuse_other_words() -> None:
    january = read_period("2026-01", CHINA)
    assert january.back(1).name == "2025-12" and january.back(-12).name == "2027-01"
    assert [m.name for m in read_period("2026", CHINA).months()][-1] == "2026-12"
    assert month_of(datetime(2026, 2, 28, 16, tzinfo=UTC), CHINA) == PERIOD
    for word in ("2026-13", "2026-1", "26", "1999-01", "2026-03 ", "next"):
        with pytest.raises(NotFound):
            read_period(word, CHINA)


def test_every_kind_of_definition_can_be_calculated_and_every_shipped_one_is_documented() -> None:
    assert set(KINDS) == set(CALCULATIONS)
    for definition in read_figures((source_folder() / FIGURES).read_bytes()).values():
        assert "待公司确认" in definition.definition.zh and "to be confirmed" in definition.definition.en


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"id": "Not An Id"}, "figure-id"),
        ({"version": 0}, "figure-version"),
        ({"unit": "apples"}, "figure-unit"),
        ({"kind": "guess"}, "figure-kind"),
        ({"section": "misc"}, "figure-section"),
        ({"title": {"zh": "率"}}, "figure-words"),
        ({"definition": {"zh": "比", "en": "share"}}, "figure-confirmed"),
        ({"clauses": ["111"]}, "figure-clauses"),
        ({"clauses": []}, "figure-clauses"),
        ({"parameters": {"kinds": ["fault"]}}, "figure-parameters"),
        ({"parameters": {"kinds": "fault", "severities": ["major"]}}, "figure-parameters"),
        ({"extra": 1}, "figure-keys"),
    ],
)
def test_a_definition_that_is_not_complete_is_refused_by_name(change: dict[str, Any], rule: str) -> None:
    entry = {
        "id": "major_faults",
        "version": 1,
        "section": "faults",
        "kind": "severe",
        "unit": "count",
        "title": {"zh": "重大故障", "en": "Major faults"},
        "definition": {"zh": "待公司确认", "en": "to be confirmed by the company"},
        "parameters": {"kinds": ["fault"], "severities": ["major"]},
        "clauses": ["R-107"],
    }
    assert read_figures(json.dumps({"figures": [entry]}).encode())
    with pytest.raises(ProblemsFound) as found:
        read_figures(json.dumps({"figures": [entry | change]}).encode())
    assert rule in {problem.rule for problem in found.value.problems}


def test_what_was_measured_comes_back_from_the_database_as_it_was() -> None:
    measured = Measured(
        50.0, 1, 2, {"n": None}, "nature", (Row("a", {"count": 1}),), (Member("kept", "SH-1", 2.5, "甲"),)
    )
    assert from_data(measured.as_data()) == measured

"""Cases as plain records, written into a database the way steps leave them, for tests that count them another way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Asset, Case, CaseLink, Clock, Contract, Event
from engine.record.history import GENESIS

HALF_HOUR = timedelta(minutes=30)
NATURES = ("hardware", "network", "database")
PEOPLE = ("li_gong", "wang_gong", "chen_min")
MOMENTS = (
    "dispatched_at",
    "accepted_at",
    "first_contact_at",
    "arrived_at",
    "restored_at",
    "resolved_at",
    "closed_at",
)


@dataclass
class Said:
    """One command at an element; a timer that went off has no answers, a rating of the customer no element."""

    element: str | None
    at: datetime
    answers: dict[str, Any] | None
    actor: str = "li_gong"


@dataclass
class Told:
    """One case."""

    number: str
    kind: str
    received_at: datetime
    opened_at: datetime
    status: str = "new"
    severity: str | None = "normal"
    coverage: str | None = "gold"
    channel: str | None = "phone"
    asset: int | None = None
    outcome: str | None = None
    reopened: int = 0
    ended_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    moments: dict[str, datetime | None] = field(default_factory=dict)
    clocks: dict[str, tuple[datetime | None, datetime | None, datetime | None]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def moment(self, name: str) -> datetime | None:
        """One of its moments."""
        return getattr(self, name) if hasattr(self, name) else self.moments.get(name)

    @property
    def ratings(self) -> list[Said]:
        """What the customer rated, in order."""
        return [s for s in self.said if s.element is None]

    def answers(self, element: str) -> list[dict[str, Any]]:
        """What was answered at an element, in order."""
        return [s.answers for s in self.said if s.element == element and s.answers is not None]

    @property
    def real_kind(self) -> str:
        """The kind as triage found it, else as it came in."""
        found = [a["kind"] for a in self.answers("triage") if "kind" in a]
        return str((found or [self.kind])[-1])

    @property
    def began(self) -> datetime:
        """When the fault began."""
        said = self.facts.get("occurred_at")
        return min(datetime.fromisoformat(said), self.received_at) if said else self.received_at


@dataclass
class Device:
    """One device."""

    serial: str
    asset_class: str | None
    status: str = "in_service"
    id: UUID | None = None
    hours: str | None = None  # the calendar of its contract, if it has one
    ends_on: date | None = None  # when that contract ends
    of_customer: bool = True  # whether the contract is its customer's, and not its own


def write(tx: Connection, cases: Sequence[Told], devices: Sequence[Device]) -> None:
    """Put everything into the database."""
    for device in devices:
        device.id = new_id(datetime.fromisoformat("2025-01-01T00:00:00+00:00"))
        values: dict[str, Any] = {
            "id": device.id,
            "customer_id": device.id,
            "model": "VC-900",
            "name": "主机",
        }
        if device.ends_on is not None:
            values["contract_id"] = _write_contract(tx, device)
        tx.execute(
            insert(Asset).values(
                **values, serial=device.serial, asset_class=device.asset_class, status=device.status
            )
        )
    for case in cases:
        _write_case(tx, case, devices)


def _write_contract(tx: Connection, device: Device) -> UUID | None:
    """The device's contract; None when it belongs to its customer."""
    id = new_id(datetime.fromisoformat("2025-01-01T00:00:00+00:00"))
    owed = {"number": f"HT-{device.serial}", "coverage": "gold", "calendar": device.hours}
    owner = device.id if device.of_customer else id
    term = {"starts_on": date(2026, 1, 1), "ends_on": device.ends_on}
    tx.execute(insert(Contract).values(id=id, customer_id=owner, **owed, **term))
    return None if device.of_customer else id


def _write_case(tx: Connection, case: Told, devices: Sequence[Device]) -> None:
    id = new_id(case.opened_at)
    keys = {"shard_key": shard_key(id), "case_id": id}
    asset = devices[case.asset].id if case.asset is not None else None
    moments = {name: case.moments.get(name) for name in MOMENTS}
    tx.execute(
        insert(Case).values(
            shard_key=keys["shard_key"],
            id=id,
            process="service_case",
            title="画面中断",
            customer_name="滨江会展中心",
            opened_by="chen_min",
            release=1,
            version=1,
            changed_at=case.opened_at,
            head_seq=len(case.said),
            head_hash=GENESIS,
            asset_id=asset,
            **moments,
            **{n: getattr(case, n) for n in _PLAIN},
        )
    )
    for name, (due, met, breached) in case.clocks.items():
        times = {"due_at": due, "met_at": met, "breached_at": breached, "started_at": case.opened_at}
        tx.execute(
            insert(Clock).values(**keys, name=name, minutes=60, calendar="always", clock="customer", **times)
        )
    for kind in case.links:
        tx.execute(insert(CaseLink).values(**keys, target="SH-2026-999999", kind=kind, at=case.opened_at))
    for seq, said in enumerate(case.said, start=1):
        tx.execute(insert(Event).values(**keys, **_event(seq, said)))


def _event(seq: int, said: Said) -> dict[str, Any]:
    timer, rating = said.answers is None, said.element is None
    typed = {"rating" if rating else "answers": said.answers}
    return {
        "seq": seq,
        "kind": "timer:fire" if timer else "customer:rate" if rating else "task:complete",
        "process": "service_case",
        "element": said.element,
        "actor": "system" if timer else said.actor,
        "at": said.at,
        "release": 1,
        "data": json.dumps({"input": {} if timer else typed}, separators=(",", ":")),
        "prev_hash": GENESIS,
        "hash": GENESIS,
    }


_PLAIN = (
    "number",
    "status",
    "kind",
    "received_at",
    "opened_at",
    "severity",
    "coverage",
    "channel",
    "outcome",
    "reopened",
    "ended_at",
    "facts",
)


# -- made up at random ---------------------------------------------------------------------------------------------


def made_up(seed: int, *, since: datetime, until: datetime, how_many: int) -> tuple[list[Told], list[Device]]:
    """Many different cases on a few devices; every moment is a whole half hour and lies before `until`."""
    random = Random(seed)
    devices = [
        Device(
            f"SN-{n}",
            random.choice((None, "server", "video")),
            random.choice(("in_service",) * 3 + ("retired",)),
            hours=random.choice((None, "working", "working", "always")),
            ends_on=random.choice((None, date(2026, 3, 14), date(2026, 12, 31), date(2026, 12, 31))),
            of_customer=random.random() < 0.5,
        )
        for n in range(6)
    ]
    served = {"status": "in_service", "hours": "working", "ends_on": date(2026, 12, 31)}
    devices[0] = replace(devices[0], **served, of_customer=True)
    devices[1] = replace(devices[1], **served, of_customer=False)
    cases = [_made_up(random, n, since, until, len(devices)) for n in range(how_many)]
    return cases, devices


def _made_up(random: Random, n: int, since: datetime, until: datetime, devices: int) -> Told:
    slots = int((until - since) / HALF_HOUR)
    received = since + random.randrange(slots) * HALF_HOUR
    after = _Later(random, received, until)
    kind = random.choice(("fault",) * 6 + ("complaint", "consultation"))
    case = Told(
        number=f"SH-2026-{n:06d}",
        kind=kind,
        received_at=received,
        opened_at=after.soon(2),
        severity=random.choice((None, "normal", "normal", "urgent", "major")),
        coverage=random.choice((None, "gold", "standard", "warranty", "none")),
        channel=random.choice((None, "phone", "email")),
        asset=random.choice((None, *range(devices))),
        reopened=random.choice((0, 0, 0, 1)),
        facts=random.choice(
            (
                {},
                {"impact": "business"},
                {"impact": "one_user"},
                {"occurred_at": (received + random.randrange(-20, 6) * HALF_HOUR).isoformat()},
            )
        ),
    )
    for name in MOMENTS:
        moment = after.maybe()
        if moment is None:
            break
        if name != "arrived_at" or random.random() < 0.5:
            case.moments[name] = moment
    if random.random() < 0.3:
        case.ended_at = after.maybe()
        case.outcome = random.choice(("completed", "cancelled", "decided")) if case.ended_at else None
        case.status = random.choice(("completed", "cancelled", "declined")) if case.ended_at else "new"
    _promise(random, case)
    if random.random() < 0.1:
        case.links.append(random.choice(("same_fault", "leftover")))
    case.said = _said(random, case, until)
    return case


def _promise(random: Random, case: Told) -> None:
    for name, met in (
        ("restoration", "restored_at"),
        ("first_contact", "first_contact_at"),
        ("arrival", "arrived_at"),
    ):
        if random.random() < 0.85:
            due = case.opened_at + random.randrange(1, 400) * HALF_HOUR
            at = case.moments.get(met)
            if at is None and case.reopened and random.random() < 0.5:
                at = due - HALF_HOUR  # the round before it was re-opened
            late = due if at is not None and due < at else None
            paused = at is None and random.random() < 0.2
            case.clocks[name] = (None if paused else due, at, late)


def _said(random: Random, case: Told, until: datetime) -> list[Said]:
    after, said = _Later(random, case.opened_at, until), list[Said]()

    def say(element: str, **answers: Any) -> None:
        if (at := after.maybe(0.9)) is not None:
            said.append(Said(element, at, answers, random.choice(PEOPLE)))

    def fire(element: str) -> None:
        if random.random() < 0.3 and (at := after.maybe()) is not None:
            said.append(Said(element, at, None))

    fire("acceptance_overdue")
    kind = {"kind": random.choice(("fault", "fault", "complaint"))} if random.random() < 0.7 else {}
    say("triage", nature=random.choice(NATURES), **kind)
    if random.random() < 0.6:
        security = {"security_event": "malware"} if random.random() < 0.2 else {}
        say("analyse_fault", nature=random.choice(NATURES), time_spent=random.randrange(1, 90), **security)
    if random.random() < 0.2:
        say("arrange_visit", visitor=random.choice(("own", "manufacturer")))
    if random.random() < 0.06:
        say("customer_withdrew", reason="已自行解决")
    for _ in range(random.randrange(3)):
        say("test_and_verify", result=random.choice(("pass", "fail")))
    for _ in range(random.randrange(3)):
        say("ship_to_supplier", supplier=random.choice(("甲公司", "乙公司")))
        fire("supplier_overdue")
        if random.random() < 0.8:
            say(random.choice(("receive_part", "take_back_unrepaired")))
    fire("closing_overdue")
    for _ in range(random.randrange(3)):
        if random.random() < 0.7:
            solved = random.choice(("yes", "yes", "no"))
            scores = {"score_solution": random.randint(1, 5), "score_service": random.randint(1, 5)}
            say("call_customer", reached="yes", solved=solved, **scores)
        else:
            say("call_customer", reached="no")
    if random.random() < 0.2:
        lines = [{"customer": "甲", "score_solution": 4, "score_service": random.choice((3, None))}] * 2
        say("collect_answers", answers=lines, asked=random.choice((1, 5)))
        say("rate_as_receiver", cooperation=random.randint(1, 5), completeness=3)
    for _ in range(random.choice((0, 0, 1, 2))):
        if (at := after.maybe()) is not None:
            scores = {"score_solution": random.randint(1, 5), "score_service": random.randint(1, 5)}
            said.append(Said(None, at, {"solved": "yes", **scores}, "portal"))
    if random.random() < 0.2:
        say("inspect_system", cpu_load=random.randrange(100), memory_use=None)
    return said


@dataclass
class _Later:
    """Moments one after the other, until the end."""

    random: Random
    at: datetime
    until: datetime

    def soon(self, most: int) -> datetime:
        self.at = min(self.at + self.random.randrange(most) * HALF_HOUR, self.until)
        return self.at

    def maybe(self, chance: float = 0.8) -> datetime | None:
        if self.random.random() > chance:
            return None
        at = self.at + self.random.randrange(1, 60) * HALF_HOUR
        if at >= self.until:
            return None
        self.at = at
        return at

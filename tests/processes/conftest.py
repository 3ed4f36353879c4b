"""The company as its procedures see it: release 1 is published, people are at work, customers have their contracts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select

from engine.acts import outbox
from engine.acts.cast import admit
from engine.acts.publishing import read_folder
from engine.acts.replay import verify_case
from engine.acts.simulation import Desk, Matter, SimulatedClock
from engine.bpmn import releases
from engine.bpmn.library import Library, read_library
from engine.cases import Cases
from engine.desk.deadlines import Clock
from engine.foundation.database import Database
from engine.foundation.ids import new_id
from engine.foundation.models import (
    AccessLog,
    Asset,
    Case,
    Contract,
    Customer,
    Outbox,
    QueueCount,
    Task,
    Timer,
)
from engine.foundation.models import Clock as Promise
from engine.foundation.settings import source_folder
from tests.conftest import MONDAY
from tests.processes.reached import NAME, Reached

GOLD, STANDARD, WARRANTY, NOBODY = "滨江会展中心", "明德小学", "云桥大酒店", "青禾农业公司"
CHINA = ZoneInfo("Asia/Shanghai")


def local(moment: datetime | None) -> str:
    """A moment as the people of the company read it, such as "03-02 09:00"."""
    return "-" if moment is None else moment.astimezone(CHINA).strftime("%m-%d %H:%M")


@dataclass(frozen=True)
class Story(Matter):
    """One case, with the questions that a test asks afterwards."""

    @property
    def status(self) -> str:
        """The status that the case shows."""
        return str(self.row.status)

    @property
    def fired(self) -> dict[str, str]:
        """When each timer went off (the last time)."""
        return {str(e.element): local(e.at) for e in self.history if e.kind == "timer:fire"}

    @property
    def waits(self) -> dict[str, str]:
        """The timers that wait, with the moments when they are due ("-" when they stand still)."""
        query = select(Timer.element, Timer.due_at).where(Timer.case_id == self.id)
        with self.desk.cases.database.read() as tx:
            return {element: local(due) for element, due in tx.execute(query).tuples()}

    def told(self, message: str) -> list[str]:
        """Who got a message in the product, sorted; the customer's shows as "customer"."""
        query = select(Outbox.channel, Outbox.recipient).where(
            Outbox.case_id == self.id, Outbox.message == message
        )
        with self.desk.cases.database.read() as tx:
            rows = tx.execute(query).tuples().all()
        staff = [who for channel, who in rows if channel == "inbox"]
        return sorted(staff) or ["customer" for _ in rows]

    def promise(self, name: str) -> Any:
        """A clock of the case as it is stored."""
        columns = [c for c in Promise.__table__.columns if c.name not in ("shard_key", "case_id")]
        query = select(*columns).where(Promise.case_id == self.id, Promise.name == name)
        with self.desk.cases.database.read() as tx:
            return Clock(**tx.execute(query).mappings().one())

    def held(self, element: str) -> bool:
        """Whether the diagram ever came by this element."""
        return self.passed(element) > 0

    @property
    def whole(self) -> None:
        """The history is a proof: chain whole, re-executed alike. Fails with the verdict otherwise."""
        verdict = verify_case(self.desk.cases, self.id)
        assert verdict.whole, verdict.text.en


@dataclass
class Company(Desk):
    """The desk of the company; every case that a test opens is proved when the test is over."""

    opened: list[Story] = field(default_factory=list)

    def open(self, process: str, *, by: str, received_at: datetime | None = None, **answers: Any) -> Story:
        """Open a case as `by` with the answers of the process's start form."""
        matter = super().open(process, by=by, received_at=received_at, **answers)
        story = Story(self, matter.number, matter.id)
        self.opened.append(story)
        return story

    def report(self, customer: str = STANDARD, *, by: str = "chen_min", **answers: Any) -> Story:
        """A customer reports a fault by phone."""
        said = {"channel": "phone", "customer": customer, "description": "会议主机开机后画面中断", **answers}
        return self.open("service_case", by=by, **said)

    @property
    def time(self) -> str:
        """What the clock on the wall shows."""
        return local(self.clock.now)

    def until(self, moment: str) -> int:
        """Let time pass until "03-02 14:30"."""
        naive = datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M")
        return self.wait_until(naive.replace(tzinfo=CHINA).astimezone(UTC))

    def post(self) -> list[Story]:
        """Carry the outbox out; answers the cases that were opened by it."""
        known = {story.id for story in self.opened}
        outbox.carry_out(self.cases, now=self.clock.now)
        with self.cases.database.read() as tx:
            rows = tx.execute(select(Case.number, Case.id)).tuples().all()
        fresh = [Story(self, number, identity) for number, identity in rows if identity not in known]
        self.opened += fresh
        return fresh

    @property
    def refusals(self) -> list[tuple[str, str]]:
        """Who was refused what, as the access log has it."""
        query = select(AccessLog.actor, AccessLog.act).where(~AccessLog.allowed).order_by(AccessLog.at)
        with self.cases.database.read() as tx:
            return list(tx.execute(query).tuples())

    @property
    def queues(self) -> dict[str, int]:
        """What the counters say is open and unassigned, by group."""
        query = select(QueueCount.group_id, func.sum(QueueCount.open)).group_by(QueueCount.group_id)
        with self.cases.database.read() as tx:
            return {group: int(n) for group, n in tx.execute(query).tuples() if n}

    @property
    def unassigned(self) -> dict[str, int]:
        """What is open and unassigned, by group, counted one by one."""
        query = select(Task.group_id, func.count()).where(Task.kind == "task", Task.assignee.is_(None))
        with self.cases.database.read() as tx:
            return dict(tx.execute(query.group_by(Task.group_id)).tuples().all())


class OneLibrary(releases.ReleaseCache):
    """The parsed release is the same for every test; parsing it again each time would cost a minute."""

    def __init__(self, database: Database, library: Library) -> None:
        super().__init__(database)
        self._libraries[1] = library


@pytest.fixture(scope="session")
def library() -> Library:
    """The procedures as they are shipped."""
    return read_library(read_folder(source_folder()))


@pytest.fixture(scope="session")
def company_file(sqlite_template: Path, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which release 1 is published, the people are admitted and the customers are known."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as tx:
        releases.publish(tx, library.files, actor="xie_liu", at=MONDAY, note="as shipped")
        admit(tx, at=MONDAY)
        for customer in (GOLD, STANDARD, WARRANTY, NOBODY):
            furnish(tx, customer)
    database.copy_to(path.with_name("copy.db"))
    database.dispose()
    return path.with_name("copy.db")


@pytest.fixture
def desk(
    company_file: Path, library: Library, tmp_path: Path, pytestconfig: pytest.Config
) -> Iterator[Company]:
    """The company on Monday, 2 March 2026, at nine in the morning."""
    path = tmp_path / "company.db"
    shutil.copyfile(company_file, path)
    database = Database(f"sqlite:///{path}")
    cases = Cases(database)
    cases.releases = OneLibrary(database, library)
    company = Company(cases, SimulatedClock(MONDAY))
    try:
        yield company
        for story in company.opened:
            _ = story.whole
        assert company.queues == company.unassigned
        gathered: Reached = pytestconfig.pluginmanager.get_plugin(NAME)
        gathered.gather(database)
    finally:
        database.dispose()


def furnish(tx: Any, customer: str) -> None:
    """Make a customer known, with a device, and with the contract that its name stands for."""
    identity, serial = new_id(MONDAY), f"SN-{customer}"
    known = {"id": identity, "name": customer, "email": "kehu@customer.invalid", "language": "zh"}
    tx.execute(insert(Customer).values(**known))
    until = date(2027, 1, 1) if customer == WARRANTY else date(2025, 1, 1)
    device = {"id": new_id(MONDAY), "customer_id": identity, "model": "VC-900", "serial": serial}
    tx.execute(insert(Asset).values(**device, name="主机", bought_on=date(2024, 1, 1), warranty_until=until))
    level = {GOLD: "gold", STANDARD: "standard"}.get(customer)
    if level:
        contract = {"id": new_id(MONDAY), "customer_id": identity, "number": f"HT-{level}", "coverage": level}
        tx.execute(
            insert(Contract).values(**contract, starts_on=date(2025, 7, 1), ends_on=date(2026, 12, 31))
        )

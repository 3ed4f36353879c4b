"""Every role against every address and every kind of ownership: the table in `webapp/access.py` is what happens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, insert, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.acts import correspondence, exchange, reports
from engine.acts.cast import admit
from engine.acts.table_files import read_table_file
from engine.cases import Cases
from engine.desk import portal_links
from engine.desk.absences import set_absence
from engine.desk.attachments import Upload
from engine.desk.people import GROUPS, add_person
from engine.desk.registers import REGISTERS, knowledge, writing
from engine.foundation.database import Database
from engine.foundation.ids import new_id
from engine.foundation.models import Absence, Case, Incident, Model, Task
from engine.foundation.models.publications import FigureChange, PublishedFigure
from engine.foundation.policies import POLICIES
from engine.foundation.security import SYSTEM, Actor, Target, may
from engine.foundation.sessions import open_session
from engine.foundation.settings import Settings
from tests.conftest import MONDAY, Clock
from tests.processes.conftest import STANDARD, furnish
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, Desk
from webapp import access, create_app
from webapp.auth import COOKIE
from webapp.context import public

FIGURE = "timely_repair_rate"
LEFT_BY_VISITS = frozenset({"access_log", "session", "sign_in_attempt", "rate_count"})
SAID = {
    **FAULT,
    "reason": "customer_access",
    "person": "chen_min",
    "revision": "1",
    "text": "x",
    "act": "new",
    "kind": "fault",
    "day": "2026-03-05",
    "working": "1",
    "period": "2026-02",
    "from": "2026-03-05",
    "to": "2026-03-06",
    "hours": "09:00-17:00",
}
ONLY_SOMETIMES = ("single_sign_on.",)  # where it is configured
# no report is written yet; somebody else's import, filter, hand-over; a message that arrived
NOTHING_THERE = (
    "papers.service_report",
    "exchange.confirm",
    "filters.",
    "handing_over.take_back",
    "undelivered.",
)
NOBODY_IN_PARTICULAR = Actor("wai_ren", "外人")
ROLES = [Actor(f"in_{group}", group, frozenset({group})) for group in GROUPS] + [NOBODY_IN_PARTICULAR]
FEW = [role for role in ROLES if role.groups <= {"service_engineer", "administrator"}]


@dataclass(frozen=True)
class Owned:
    """How a case and its task stand to whoever asks; `group` and `by` are theirs, another's, or nobody's."""

    name: str
    mine: bool = False
    group: bool = False
    by: str | None = None
    excluded: bool = False
    kept_out: bool = False

    def target(self, role: Actor, number: str) -> Target:
        """The same as the policy sees it."""
        group = next(iter(role.groups), "call_center") if self.group else OTHER[role.id]
        themselves = [role.id]
        return Target(
            label=number,
            group=group,
            assignee=role.id if self.mine else self.by,
            handler=role.id if self.mine else self.by,
            excluded=themselves if self.excluded else (),
            kept_out=themselves if self.kept_out else (),
        )


KEPT = {
    register.keep: name for name, register in REGISTERS.items()
}.values()  # one for each way of keeping them
OTHER = {role.id: "engineering" if "sales" in role.groups else "sales" for role in ROLES}
OWN = Owned("their own", mine=True, group=True)
COLLEAGUES = Owned("a colleague's", group=True, by="chen_min")
WAITING = Owned("of their group", group=True)
FOREIGN = Owned("of another group", by="chen_min")
CLOSED = Owned("kept from them", group=True, kept_out=True)
HANDLED = Owned("kept off by separation of duties", group=True, excluded=True)


class World:
    """One application over one prepared database; what an allowed request changed is put back."""

    def __init__(self, database: Database, compiled: FileSystemBytecodeCache) -> None:
        self.database, self.clock = database, Clock()
        settings = Settings(database_url=database.url, secret_key="for tests only")
        self.app: Flask = create_app(
            database=database,
            cases=Cases(database, settings),
            settings=settings,
            clock=self.clock,
            testing=True,
        )
        self.app.config["WTF_CSRF_ENABLED"] = False  # has tests of its own
        self.app.jinja_env.bytecode_cache = compiled
        with database.write() as tx:
            admit(tx, at=MONDAY)
        self.desk = Desk(Web(self.app, database, self.clock, settings))
        self.known = self._furnish()
        self.sessions = {role.id: self._signed_in(role, settings) for role in ROLES}
        self.stage(ROLES[0], WAITING)
        self._kept = self._copied()

    def _furnish(self) -> dict[str, Any]:
        """Something real for every part of an address."""
        with self.database.write() as tx:
            furnish(tx, STANDARD)
        number, people = self.desk.report(customer=STANDARD), self.desk.people
        self.desk.complete(number, "chen_min", **FAULT)
        self.desk.complete(number, "li_gong", decision="accept")
        case = self.desk.task(number)
        reports.publish_period(self.desk.cases, "2026-02", actor=SYSTEM, now=MONDAY)
        correspondence.add_files(
            self.desk.cases, number, [Upload("a.txt", b"x")], actor=people.chen_min, now=MONDAY
        )
        with self.database.write() as tx:
            for role in ROLES:
                add_person(tx, id=role.id, name=role.name, groups=role.groups, at=MONDAY, actor=SYSTEM)
            day = {"starts_at": MONDAY, "ends_at": self.clock.now.replace(year=2027)}
            set_absence(tx, "chen_min", **day, substitute=None, reason=None, actor=SYSTEM, at=MONDAY)
            article = knowledge.draft(
                tx, case_number=number, title="t", symptom="s", actor=people.li_gong, at=MONDAY
            )
            duty = {"group_id": "call_center", "person": "chen_min"}
            shift = writing.add(
                tx, REGISTERS["duty"], duty | {k: str(v) for k, v in day.items()}, actor=SYSTEM, at=MONDAY
            )
            customer = writing.add(tx, REGISTERS["customer"], {"name": "星海酒店"}, actor=SYSTEM, at=MONDAY)
            self.secret = portal_links.create(tx, case.case_id, at=MONDAY, days=9)
            keys = {"shard_key": case.shard_key, "case_id": case.case_id}
            incident = new_id(MONDAY)
            stuck = {"sentence_zh": "x", "sentence_en": "x", "process": "service_case", "attempts": 1}
            settled = {"resolved_at": MONDAY, "command": {}, "actor": "chen_min", "at": MONDAY}
            tx.execute(insert(Incident).values(**keys, id=incident, **stuck, **settled))
            change = self._proposed(tx)
            rows = read_table_file("名称\n明德小学\n".encode(), "customers.csv")
            imported = exchange.preview(
                tx, REGISTERS["customer"], rows, file="a.csv", actor=SYSTEM, at=MONDAY
            )
            absent = tx.execute(select(Absence.id)).scalar_one()
            message = tx.execute(select(Task.id).where(Task.kind == "message")).scalars().first()
            file = tx.execute(select(Model.metadata.tables["attachment"].c.id)).scalar_one()
        self.case_id, self.number, self.article, self.duty, self.customer = (
            case.case_id,
            number,
            article,
            shift,
            customer,
        )
        return {
            "number": number,
            "task_id": case.id,
            "message_id": message,
            "incident": incident,
            "change": change,
            "absence": absent,
            "process": "service_case",
            "person": "chen_min",
            "group": "call_center",
            "queue": "call_center",
            "register": "customer",
            "clause": "R-001",
            "period": "2026-02",
            "figure": FIGURE,
            "version": "1",
            "form": "triage",
            "table": "limits",
            "field": "customer",
            "format": "csv",
            "spoken": "zh",
            "secret": self.secret,
            "attachments.file": file,
            "name": "app.css",
            "current": case.id,
            "token": imported.token,
            "identity": imported.token,
        }

    def _proposed(self, tx: Connection) -> UUID:
        """A change of a published figure that waits for its signatures."""
        was = (
            tx.execute(select(PublishedFigure.__table__).where(PublishedFigure.figure == FIGURE))
            .mappings()
            .one()
        )
        same = {name: was[name] for name in FigureChange.__table__.columns.keys() if name in was}  # noqa: SIM118
        put = {"replaces": was["id"], "proposed_at": MONDAY, "proposed_by": "guan_li", "id": new_id(MONDAY)}
        tx.execute(insert(FigureChange).values({**same, **put}))
        return put["id"]  # type: ignore[return-value]

    def _signed_in(self, role: Actor, settings: Settings) -> str:
        with self.database.write() as tx:
            return open_session(tx, person=role.id, now=MONDAY, settings=settings)

    def client(self, role: Actor) -> FlaskClient:
        """A browser in which the role is signed in."""
        client = self.app.test_client()
        client.set_cookie(COOKIE, self.sessions[role.id])
        return client

    def stage(self, role: Actor, owned: Owned) -> Target:
        """Make the case and its tasks stand to the role as told."""
        target = owned.target(role, self.number)
        held = {"assignee": target.assignee, "claimed_at": MONDAY if target.assignee else None}
        both = {"group_id": target.group, "excluded": list(target.excluded) or None}
        of_case = Case.id == self.case_id
        with self.database.write() as tx:
            tx.execute(update(Task).values(both))
            tx.execute(update(Task).where(Task.kind == "task").values(held))
            tx.execute(
                update(Case)
                .where(of_case)
                .values(handler=target.handler, kept_out=list(target.kept_out) or None)
            )
            tx.execute(update(Absence).values(person=target.assignee or "chen_min"))
        return target

    def address(self, rule: Rule, *, register: str = "customer", owner: str = "chen_min") -> str:
        """The address of a route with what exists."""
        ids = {
            "attachments.file": self.known["attachments.file"],
            "duty.remove": self.duty,
            "registers": self.customer,
            "undelivered": self.customer,
            "knowledge": self.article,
        }
        part = rule.endpoint.split(".")[0]
        made = {name: self.known.get(name) for name in rule.arguments} | {"register": register}
        if rule.endpoint == "people.be_away":
            made["person"] = owner
        made["id"] = ids.get(rule.endpoint, ids.get(part))
        if rule.endpoint.startswith(("processes.release", "portal.file")):
            made["number"] = 1
        with self.app.test_request_context():
            adapter = self.app.url_map.bind("localhost")
            known = {name: made[name] for name in rule.arguments}
            return str(adapter.build(rule.endpoint, known, method=method_of(rule)))

    def ask(self, client: FlaskClient, rule: Rule, address: str, *, briefly: bool = False) -> TestResponse:
        """Open or send something there; `briefly` as a part of a page, whose refusal is a sentence and no page."""
        data = {**SAID, "number": self.number} if method_of(rule) == "POST" else None
        headers = {"HX-Request": "true"} if briefly else {}
        return client.open(address, method=method_of(rule), data=data, headers=headers)

    def rules(self) -> Iterator[Rule]:
        """All routes, sorted, each under one of its methods."""
        return iter(sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)))

    def everything(self) -> dict[str, list[str]]:
        """All rows but those that visits leave."""
        with self.database.read() as tx:
            return {
                name: sorted(map(repr, tx.execute(select(table)).all()))
                for name, table in Model.metadata.tables.items()
                if name not in LEFT_BY_VISITS and name not in ("content", "release_file")
            }

    def restore(self) -> None:
        """Put everything back as it was prepared."""
        with closing(self._connected()) as connection:
            self._kept.backup(connection)

    def _copied(self) -> Any:
        if self.database.dialect != "sqlite":
            return None
        kept = self._connected(":memory:")
        with closing(self._connected()) as connection:
            connection.backup(kept)
        return kept

    def _connected(self, path: str | None = None) -> Any:
        """Another connection by the driver of the application: two drivers in one process break each other's locks."""
        with self.database.read() as tx:
            connect: Any = type(tx.connection.driver_connection)
        return connect(path or self.database.url.removeprefix("sqlite:///"))


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def owned_by(rule: Rule) -> tuple[Owned, ...]:
    """The kinds of ownership that make a difference to an address."""
    acts = access.ACCESS[rule.endpoint]
    if acts == ("set_absence",):
        return OWN, FOREIGN
    if "number" not in rule.arguments or "/cases/" not in rule.rule:
        return (FOREIGN,)
    policies = [POLICIES[act] for act in acts]
    related = frozenset().union(*(policy.relations for policy in policies)) - {"anybody"}
    if related & {"group", "assignee"} or any(policy.four_eyes for policy in policies):
        return OWN, COLLEAGUES, WAITING, FOREIGN, CLOSED, HANDLED
    return (OWN, FOREIGN, CLOSED) if related else (FOREIGN, CLOSED)


def expected(rule: Rule, role: Actor, target: Target, register: str) -> bool:
    """Whether the table and the policies let the role in."""
    acts = access.ACCESS[rule.endpoint]
    if {access.SIGNED_IN, access.PUBLIC} & set(acts):
        return True
    if acts == ("send_message",):
        target = replace(target, assignee=None)  # buttons are nobody's
    elif "number" not in rule.arguments and acts != ("set_absence",):
        target = Target("no case", group="call_center")
    named = [REGISTERS[register].keep if act == access.KEEP else act for act in acts]
    return any(may(role, act, target) for act in named)


def asked_of(rule: Rule, roles: list[Actor]) -> list[Actor]:
    """All roles; where every colleague is let in, whoever belongs to no group speaks for most of them."""
    if not all(expected(rule, role, Target("x"), "customer") for role in roles) or len(owned_by(rule)) > 1:
        return roles
    another = roles[sum(map(ord, rule.endpoint)) % len(roles)]
    return list({one.id: one for one in (NOBODY_IN_PARTICULAR, another)}.values())


def is_refused(answer: TestResponse) -> bool:
    """Not permitted, not there for this person, or asked to sign in first."""
    return answer.status_code in (401, 403, 404) or (answer.location or "").startswith("/sign-in?")


def compare(world: World, rule: Rule, roles: list[Actor], *, restores: bool) -> int:
    """Ask as every role in every relation; refused requests must leave no trace. Answers how many were asked."""
    registers = list(KEPT) if rule.endpoint == "registers.new" else ["customer"]
    asked = [
        (register, role, owned)
        for register in registers
        for role in asked_of(rule, roles)
        for owned in owned_by(rule)
    ]
    world.stage(ROLES[0], WAITING)
    before, admitted = world.everything(), []
    for register, role, owned in asked:
        target = world.stage(role, owned)
        if expected(rule, role, target, register):
            admitted.append((register, role, owned))
            continue
        address = world.address(rule, register=register, owner=target.assignee or "chen_min")
        answer = world.ask(world.client(role), rule, address, briefly=True)
        assert is_refused(answer), (rule.endpoint, role.id, owned.name, answer.status_code)
    world.stage(ROLES[0], WAITING)
    assert world.everything() == before, f"{rule.endpoint} changed something that it refused"
    for register, role, owned in admitted if restores or method_of(rule) == "GET" else []:
        target = world.stage(role, owned)
        address = world.address(rule, register=register, owner=target.assignee or "chen_min")
        answer = world.ask(world.client(role), rule, address)
        admitted_here = not is_refused(answer) or rule.endpoint.startswith(NOTHING_THERE)
        assert admitted_here and answer.status_code < 500, (
            rule.endpoint,
            role.id,
            owned.name,
            answer.status_code,
        )
        if method_of(rule) == "POST":
            world.restore()
    return len(asked)


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, compiled: FileSystemBytecodeCache
) -> Iterator[World]:
    """One prepared SQLite database for the whole matrix."""
    path = tmp_path_factory.mktemp("matrix") / "shouhou.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield World(database, compiled)
    database.dispose()


def staff_only(world: World) -> list[Rule]:
    return [r for r in world.rules() if not {access.PUBLIC, access.LINK} & set(access.ACCESS[r.endpoint])]


def test_every_role_is_let_in_where_the_table_says_and_refused_without_a_trace_elsewhere(
    world: World,
) -> None:
    assert sum(compare(world, rule, ROLES, restores=True) for rule in staff_only(world)) > 1500


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_with_a_link_for_a_case_or_without(
    world: World,
) -> None:
    with_link = world.app.test_client()
    with_link.set_cookie(COOKIE, world.secret)
    world.stage(ROLES[0], WAITING)
    before = world.everything()
    for rule in staff_only(world):
        for client in (world.app.test_client(), with_link):
            answer = world.ask(client, rule, world.address(rule))
            assert answer.status_code == 302 and answer.location.startswith("/sign-in"), rule
    assert world.everything() == before


def test_a_link_opens_the_case_that_it_was_made_for_and_a_made_up_one_none(world: World) -> None:
    guests = [r for r in world.rules() if access.LINK in access.ACCESS[r.endpoint]]
    assert len(guests) == 3
    client = world.app.test_client()
    for rule in guests:
        address = world.address(rule)
        made_up = address.replace(world.secret, "x" * len(world.secret))
        assert world.ask(client, rule, made_up).status_code == 404
    assert client.get(f"/portal/cases/{world.secret}").status_code == 200


def test_an_address_without_a_policy_keeps_the_application_from_starting(world: World) -> None:
    app = Flask("small", static_folder=None)
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(access.Undeclared, match="forgotten: no policy"):
        access.require_declared(app)
    app.view_functions.clear()
    app.view_functions["inbox.mine"] = public(lambda: "")
    with pytest.raises(access.Undeclared, match=r"inbox\.mine: marked public"):
        access.require_declared(app)
    gone = {name for name in access.ACCESS if name not in world.app.view_functions}
    assert {name for name in gone if not name.startswith(ONLY_SOMETIMES)} == set()


def test_the_same_holds_on_postgresql_for_an_engineer_an_administrator_and_an_outsider(
    postgres_url: str, compiled: FileSystemBytecodeCache
) -> None:
    database = Database(postgres_url)
    world = World(database, compiled)
    for rule in staff_only(world):
        compare(world, rule, FEW, restores=False)
    database.dispose()

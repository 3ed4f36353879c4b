"""A case that is kept from somebody leaves no trace on any page they can open, and none of its addresses answers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from engine.acts import correspondence, worklist
from engine.desk.attachments import Upload
from engine.foundation.errors import Forbidden
from engine.foundation.models import AccessLog, Draft, Task
from engine.foundation.models.correspondence import Attachment
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, Desk

MARK = "态度恶劣"
CONCERNED = "he_jie"
UNKNOWN = "SH-2026-009999"
RECORDED = {"concerns": "person", "person": CONCERNED, "severity": "normal", "demand": MARK}
FIELDS: dict[str, object] = {
    **FAULT,
    "reason": "customer_access",
    "person": "chen_min",
    "text": "x",
    "revision": "1",
    "act": "new",
    "decision": "yes",
}


class Secret:
    """A complaint about He Jie, with a file, a note and a task that somebody holds."""

    def __init__(self, desk: Desk) -> None:
        said = {"channel": "phone", "customer": "明德小学", "description": MARK}
        cases, now = desk.cases, desk.web.clock()
        at_the_phone, inspector = desk.people.chen_min, desk.people.yang_zhi
        self.number = worklist.start(cases, "complaint", said, actor=at_the_phone, now=now)
        desk.complete(self.number, "chen_min", **RECORDED)
        correspondence.add_note(cases, self.number, MARK, actor=inspector, now=now)
        picture = Upload("a.txt", MARK.encode())
        correspondence.add_files(cases, self.number, [picture], actor=inspector, now=now)
        self.task = desk.task(self.number)
        with desk.web.database.read() as tx:
            self.file = tx.execute(
                select(Attachment.id).where(Attachment.case_id == self.task.case_id)
            ).scalar_one()

    @property
    def parts(self) -> dict[str, Any]:
        """What its addresses are made of."""
        one = self.task.id
        return {"number": self.number, "task_id": one, "message_id": one, "incident": one, "id": self.file}


@pytest.fixture
def desk(web: Web) -> Desk:
    """A desk where the person concerned has work of their own."""
    desk = Desk(web)
    desk.claim(desk.report(), by=CONCERNED)
    desk.report(description="另一台设备无法开机")
    web.as_(CONCERNED)
    return desk


def bare(page: str) -> str:
    """A page without what differs each time it is asked for."""
    page = re.sub(r'name="(csrf_token|idempotency_key)" value="[^"]*"', "", page)
    page = re.sub(r'name="csrf-token" content="[^"]*"', "", page)
    return re.sub(r"\b[0-9a-f]{12}\b", "", page)  # the name of a request


def rules(desk: Desk, method: str) -> Iterator[Rule]:
    for rule in desk.web.app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.endpoint.startswith(("assets.", "portal")):
            yield rule


def pages(desk: Desk) -> dict[str, str]:
    """Everything that can be opened without knowing the name of anything, and what one would search for."""
    plain = [rule.rule for rule in rules(desk, "GET") if not rule.arguments]
    elsewhere = ("/sign-in", "/reports", "/procedure")  # what counts the whole company
    plain = [path for path in plain if not path.startswith(elsewhere) and not path.endswith(".xlsx")]
    people = ("/people/yang_zhi", "/people/chen_min", "/cases/?person=yang_zhi", f"/people/{CONCERNED}")
    groups = [f"/inbox/groups/{group}" for group in ("quality_control", "call_center")]
    lists = [
        "/inbox/list/mine",
        "/inbox/list/groups",
        "/cases/?group=quality_control",
        "/cases/?process=complaint",
    ]
    searches = [f"/cases/?search={word}" for word in (MARK, "明德小学", "SH-2026")]
    registers = [f"/registers/{name}/" for name in ("customer", "article", "repair")]
    drawn = ["/processes/complaint", "/cases/?status=open", "/cases/?due=late"]
    asked = [*plain, *people, *groups, *lists, *searches, *registers, *drawn]
    answers = {path: desk.web.get(path) for path in asked}
    assert {answer.status_code for answer in answers.values()} <= {200, 302, 304, 403}
    return {path: bare(answer.text) for path, answer in answers.items()}


def test_no_page_differs_by_a_case_that_is_kept_from_its_reader(desk: Desk) -> None:
    before = pages(desk)
    secret = Secret(desk)
    after = pages(desk)
    assert {path for path in before if before[path] != after[path]} == set()
    assert secret.number in desk.web.as_("chen_min").get(f"/cases/?search={MARK}").text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_its_addresses_answer_as_if_there_were_no_such_case(desk: Desk, method: str) -> None:
    secret = Secret(desk)
    token = desk.web.token()

    def ask(rule: Rule, number: str) -> tuple[int, str]:
        with desk.web.app.test_request_context():
            known = {name: secret.parts[name] for name in rule.arguments} | {"number": number}
            url = desk.web.app.url_map.bind("localhost").build(rule.endpoint, known, method=method)
        data = {**FIELDS, "csrf_token": token} if method == "POST" else None
        answer = desk.web.client.open(url, method=method, data=data)
        return answer.status_code, bare(answer.text).replace(number, "N")

    theirs = [rule for rule in rules(desk, method) if "number" in rule.arguments and "/cases/" in rule.rule]
    assert len(theirs) > 5
    for rule in theirs:
        assert ask(rule, secret.number) == ask(rule, UNKNOWN), rule
    with desk.web.database.read() as tx:
        kept = tx.execute(select(AccessLog.target).where(AccessLog.actor == CONCERNED)).scalars().all()
    assert secret.number in kept, "the attempts are recorded"


def test_figures_count_it_but_never_name_it_to_whom_it_is_kept_from(desk: Desk) -> None:
    secret = Secret(desk)
    figures = re.findall(r'href="(/reports/2026-03/figures/[^"]+)"', desk.web.get("/reports/2026-03").text)
    assert len(figures) > 20
    paths = [
        *figures,
        *(f"{path}/cases.csv" for path in figures),
        "/reports/2026-03/differences",
        "/procedure/",
    ]
    for path in [*paths, "/reports/2026-03/report.csv"]:
        answer = desk.web.get(path)
        assert answer.status_code == 200 and secret.number not in answer.text, path
    named = [path for path in figures if secret.number in desk.web.as_("chen_min").get(path).text]
    assert named, "a colleague finds it behind a figure"


class TestDrafts:
    """A draft is kept for those who may work on a task, and for nobody else."""

    def saved(self, desk: Desk) -> list[str]:
        with desk.web.database.read() as tx:
            return list(tx.execute(select(Draft.person)).scalars())

    def test_whoever_may_work_on_the_task_keeps_one_even_while_a_colleague_holds_it(self, desk: Desk) -> None:
        number = desk.report()
        for person in ("chen_min", "he_jie"):
            assert desk.web.as_(person).post(desk.url(number, "/draft"), dict(FAULT)).status_code == 204
        desk.claim(number, by="chen_min")
        assert desk.web.as_("he_jie").post(desk.url(number, "/draft"), dict(FAULT)).status_code == 204
        assert sorted(self.saved(desk)) == ["chen_min", "he_jie"]

    def test_nobody_else_does_and_the_attempt_is_logged(self, desk: Desk) -> None:
        number = desk.report()
        answer = desk.web.as_("li_gong").post(desk.url(number, "/draft"), dict(FAULT))
        assert answer.status_code == 403 and self.saved(desk) == []
        with desk.web.database.read() as tx:
            logged = tx.execute(select(AccessLog.actor, AccessLog.act).where(~AccessLog.allowed)).all()
        assert [tuple(row) for row in logged] == [("li_gong", "draft_task")]

    def test_nor_does_whoever_is_kept_off_the_task_by_separation_of_duties(self, desk: Desk) -> None:
        number = desk.report()
        with desk.web.database.write() as tx:
            tx.execute(Task.__table__.update().values(excluded=["he_jie"]))
        assert desk.web.as_("he_jie").post(desk.url(number, "/draft"), dict(FAULT)).status_code == 403
        assert self.saved(desk) == []

    def test_nor_does_whom_the_case_is_kept_from(self, desk: Desk) -> None:
        secret = Secret(desk)
        desk.complete(secret.number, "yang_zhi", justified="no", findings=MARK)
        task = desk.task(secret.number)
        assert task.group_id == "call_center", "the group of the person concerned"
        with pytest.raises(Forbidden):
            worklist.save_draft(
                desk.cases, secret.number, task.id, {}, actor=desk.people.he_jie, now=desk.web.clock()
            )
        assert self.saved(desk) == []

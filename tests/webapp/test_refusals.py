"""Every refusal is a clear sentence in the person's language, and nothing that was typed or stored is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.acts import timers
from engine.acts.cast import People
from engine.acts.publishing import read_folder
from engine.acts.simulation import SimulatedClock
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.models import AccessLog, Case
from engine.foundation.settings import Settings, source_folder
from engine.record.history import of_case
from tests.conftest import MONDAY, Clock
from tests.engine.test_cases import Shop, furnished
from tests.postgres import Postgres
from tests.processes import ways
from tests.processes.conftest import STANDARD, Company, furnish
from tests.webapp.conftest import Web
from tests.webapp.desk import words
from webapp import create_app

TYPED = "主板已更换, 未写完的说明"


class Counter:
    """The small release behind pages that wait a fifth of a second for a lock; `case` waits at its first task."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.database = Database(url, busy_seconds=0.2)
        self.clock = clock
        self.shop = Shop(self.database, furnished(self.database, clock), clock)
        self.web = browser(self.database, self.shop.cases, clock)
        self.case = self.shop.open()

    def task(self, element: str = "take_in") -> Any:
        """An open task of the case."""
        return self.shop.task(self.case, element)

    def url(self, task: Any, ending: str = "") -> str:
        """The page of a task."""
        return f"/cases/{self.shop.row(self.case).number}/tasks/{task.id}{ending}"

    def complete(self, task: Any, by: str, **more: str) -> TestResponse:
        """Send the form of a task as somebody."""
        form: dict[str, object] = {"revision": str(task.revision), "note": TYPED, **more}
        return self.web.as_(by).post(self.url(task), form)


def browser(database: Database, cases: Cases, clock: Callable[[], Any]) -> Web:
    """Nobody before the pages of these cases."""
    settings = Settings(database_url=database.url, secret_key="for tests only")
    app = create_app(database=database, cases=cases, settings=settings, clock=clock, testing=True)
    return Web(app, database, clock, settings)  # type: ignore[arg-type]


@pytest.fixture
def counter(database_url: str, clock: Clock) -> Iterator[Counter]:
    """A counter on each kind of database."""
    counter = Counter(database_url, clock)
    yield counter
    counter.database.dispose()


# -- too late ---------------------------------------------------------------------------------------------------------


def completed(counter: Counter) -> Any:
    task = counter.task()
    counter.shop.do(counter.case, "take_in", by="chen_min")
    return task


def held(counter: Counter) -> Any:
    return _claimed(counter, by="chen_min")


def held_behind_a_stale_page(counter: Counter) -> Any:
    task = counter.task()
    _claimed(counter, by="chen_min")
    return task


def given_back_behind_a_stale_page(counter: Counter) -> Any:
    task = counter.task()
    held = _claimed(counter, by="chen_min")
    counter.web.as_("chen_min").post(counter.url(held, "/release"), {"revision": str(held.revision)})
    return task


def taken_by_time(counter: Counter) -> Any:
    counter.case = counter.shop.open("ladder")
    task = counter.task("first_step")
    timers.fire_due(counter.shop.cases, now=counter.clock.advance(hours=1))
    return task


def _claimed(counter: Counter, *, by: str) -> Any:
    task = counter.task()
    counter.web.as_(by).post(counter.url(task, "/claim"), {"revision": str(task.revision)})
    return counter.task()


@pytest.mark.parametrize(
    ("too_late", "chinese", "english"),
    [
        (completed, "陈敏已于 03-02 09:00 完成这个任务", "陈敏 completed this task at 03-02 09:00"),
        (held, "陈敏已于 03-02 09:00 领取这个任务", "陈敏 has held this task since 03-02 09:00"),
        (held_behind_a_stale_page, "已有变化(陈敏, 03-02 09:00), 现由陈敏办理", "(陈敏, 03-02 09:00) and is held by 陈敏"),
        (given_back_behind_a_stale_page, "已有变化(陈敏, 03-02 09:00), 已退回岗位组", "(陈敏, 03-02 09:00) and is back"),
        (taken_by_time, "流程已经往前走了(最近一步: 系统 / System, 03-02 10:00)", "(last step: 系统 / System, 03-02 10:00)"),
    ],
)  # fmt: skip
def test_whoever_comes_too_late_hears_who_was_faster_and_when(
    counter: Counter, too_late: Callable[[Counter], Any], chinese: str, english: str
) -> None:
    task = too_late(counter)
    before = counter.shop.everything()
    counter.clock.advance(minutes=5)
    answer = counter.complete(task, "he_jie")
    assert answer.status_code == 409
    assert chinese in unescape(answer.text)
    assert TYPED in answer.text, "what was typed is kept"
    counter.web.post("/language", {"language": "en"})
    answer = counter.complete(task, "he_jie")
    assert answer.status_code == 409 and TYPED in answer.text
    assert english in unescape(answer.text)
    assert counter.shop.everything() == before


# -- not entitled -----------------------------------------------------------------------------------------------------


def test_the_engineer_who_handled_a_case_cannot_close_it(database: Database, people: People) -> None:
    library = read_folder(source_folder())
    with database.write() as tx:
        releases.publish(tx, library, actor="xie_liu", at=MONDAY, note="")
        furnish(tx, STANDARD)
    company = Company(Cases(database), SimulatedClock(MONDAY))
    case = ways.written(company)
    task = case.task("decide_closing")
    web = browser(database, company.cases, lambda: company.clock.now).as_("li_gong")
    form: dict[str, object] = {"revision": str(task.revision), "decision": "approve", "reason": TYPED}
    answer = web.post(f"/cases/{case.number}/tasks/{task.id}", form)
    assert answer.status_code == 403
    assert "职责分离" in answer.text and TYPED in answer.text
    assert case.tasks == ["decide_closing"] and case.row.closed_at is None
    assert company.refusals == [("li_gong", "take_task")]


@pytest.mark.parametrize("act", ["", "/claim"])
def test_a_person_outside_the_group_is_refused_and_it_is_logged(counter: Counter, act: str) -> None:
    task, before = counter.task(), counter.shop.everything()
    form: dict[str, object] = {"revision": str(task.revision), "note": TYPED}
    answer = counter.web.as_("han_cai").post(counter.url(task, act), form)
    assert answer.status_code == 403
    assert "无权领取任务; 此次尝试已记录" in answer.text and TYPED in answer.text
    assert counter.shop.everything() == before
    with counter.database.read() as tx:
        logged = tx.execute(select(AccessLog.__table__).where(~AccessLog.allowed)).one()
    assert (logged.actor, logged.act, logged.address) == ("han_cai", "take_task", "127.0.0.1")
    assert str(task.id) in logged.target


# -- wrong or missing fields --------------------------------------------------------------------------------------------


def test_wrong_fields_bring_the_page_back_with_everything_that_was_typed(counter: Counter) -> None:
    task, before = counter.task(), counter.shop.everything()
    too_long = TYPED + "。" * 250
    answer = counter.complete(task, "he_jie", note=too_long)
    assert answer.status_code == 422
    assert too_long in answer.text and "data-error-summary" in answer.text
    assert 'aria-invalid="true"' in answer.text
    missing = counter.complete(task, "he_jie", note="")
    assert missing.status_code == 422 and "说明" in words(missing.text)
    assert counter.shop.everything() == before


# -- the database is locked or gone -----------------------------------------------------------------------------------------


@contextmanager
def locked(url: str, case: UUID) -> Iterator[None]:
    """Somebody else is writing to the case and does not come to an end."""
    other = Database(url)
    with other.write() as tx:
        tx.execute(select(Case.id).where(Case.id == case).with_for_update())
        yield
    other.dispose()


def test_while_the_database_is_locked_reading_works_and_the_same_form_can_be_sent_again(
    counter: Counter,
) -> None:
    task, web = counter.task(), counter.web.as_("he_jie")
    web.get("/inbox/")
    before = counter.shop.everything()
    form: dict[str, object] = {"revision": "1", "note": TYPED, "idempotency_key": "once"}
    token = web.token()
    with locked(counter.database.url, counter.case):
        assert web.get(counter.url(task)).status_code == 200
        answer = web.client.post(counter.url(task), data={**form, "csrf_token": token})
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "本次操作没有生效" in answer.text and "重复提交不会重复执行" in answer.text
    assert counter.shop.everything() == before
    assert _sent_again(web, answer) == _sent_again(web, answer) == 303
    assert _completions(counter) == [TYPED]


def test_when_the_database_is_gone_the_page_says_so_and_nothing_is_applied_twice(clock: Clock) -> None:
    with Postgres() as server:
        database = Database(server.url())
        database.create_schema()
        database.dispose()
        counter = Counter(server.url(), clock)
        task, web = counter.task(), counter.web.as_("he_jie")
        form: dict[str, object] = {"revision": "1", "note": TYPED, "idempotency_key": "once"}
        token, url = web.token(), counter.url(task)
        server.halt()
        answer = web.client.post(url, data={**form, "csrf_token": token})
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        assert "数据库暂时忙或无法连接" in answer.text and TYPED in answer.text
        assert web.get("/inbox/").status_code == 503
        server.start()
        assert _sent_again(web, answer) == _sent_again(web, answer) == 303
        assert _completions(counter) == [TYPED]
        counter.shop.proved(counter.case)
        counter.database.dispose()


def _sent_again(web: Web, answer: TestResponse) -> int:
    """Press the one button of the page that says “not now”."""
    form = re.search(
        rf'<form method="post" action="({answer.request.path}[^"]*)">(.*?)</form>', answer.text, re.S
    )
    assert form, answer.text
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form[2])
    data = {name: unescape(value) for name, value in fields}
    return web.client.post(unescape(form[1]), data=data).status_code


def _completions(counter: Counter) -> list[str]:
    with counter.database.read() as tx:
        events = of_case(tx, counter.case)
    return [e.content["input"]["answers"]["note"] for e in events if e.kind == "task:complete"]


# -- a diagram that raises --------------------------------------------------------------------------------------------------


def test_a_diagram_that_raises_becomes_an_incident_that_keeps_the_input_and_can_be_retried(
    counter: Counter,
) -> None:
    task = counter.task()
    answer = counter.complete(task, "he_jie", note="risky")
    assert answer.status_code == 500
    assert "已保存" in words(answer.text) and "risky" in answer.text
    assert "Traceback" not in answer.text and "division" not in answer.text
    page = counter.web.as_("sun_jing").get("/incidents")
    assert "risky" in page.text and "何洁" in page.text
    retry = re.search(r'action="(/cases/[^"]+/retry)"', page.text)
    assert retry
    counter.shop.sign()
    assert counter.web.post(retry[1]).status_code == 303
    assert _completions(counter) == ["risky"]
    assert counter.task("finish") is not None
    assert counter.web.post(retry[1]).status_code == 409
    assert "没有流程异常" in counter.web.get("/incidents").text
    counter.shop.proved(counter.case)


@pytest.mark.parametrize(
    ("person", "allowed"), [("xie_liu", True), ("guan_li", True), ("zhou_fu", False), ("chen_min", False)]
)
def test_an_incident_is_retried_by_those_who_look_after_the_procedures(
    counter: Counter, person: str, allowed: bool
) -> None:
    counter.complete(counter.task(), "he_jie", note="risky")
    counter.shop.sign()
    address = f"/cases/{counter.shop.row(counter.case).number}/incidents/{counter.shop.incident(counter.case).id}/retry"
    answer = counter.web.as_(person).post(address)
    assert answer.status_code == (303 if allowed else 403)
    assert bool(_completions(counter)) is allowed


# -- pausing --------------------------------------------------------------------------------------------------------------


def test_the_clocks_are_paused_by_those_who_may_and_by_nobody_else(counter: Counter) -> None:
    number = counter.shop.row(counter.case).number
    refused = counter.web.as_("wang_gong").post(f"/cases/{number}/pause", {"reason": "customer_access"})
    assert refused.status_code == 403 and "无权暂停或恢复计时" in refused.text
    assert counter.shop.row(counter.case).paused_at is None
    with counter.database.read() as tx:
        acts = tx.execute(select(AccessLog.act).where(~AccessLog.allowed)).scalars().all()
    assert acts == ["pause_case"]

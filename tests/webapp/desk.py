"""A desk for the tests of pages: the company's own procedures are published, cases come in through the engine."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.acts import worklist
from engine.acts.cast import People
from engine.acts.publishing import read_folder
from engine.bpmn import releases
from engine.bpmn.library import SourceFile
from engine.cases import Cases
from engine.foundation.models import Case, Task
from engine.foundation.settings import source_folder
from tests.webapp.conftest import Web
from webapp.context import EXTENSION

REPORT = {
    "channel": "phone",
    "customer": "滨江会展中心",
    "description": "会议主机开机后画面中断",
    "serial": "SN-7730214",
}
TRIAGE = {"kind": "consultation"}
FAULT = {
    "kind": "fault",
    "severity": "normal",
    "importance": "high",
    "urgency": "high",
    "nature": "hardware",
}


class Desk:
    """What tests say: `desk.report()`, `desk.task(number)`, `desk.url(number)`."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.people = People()
        self.cases: Cases = web.app.extensions[EXTENSION].cases
        self.publish(read_folder(source_folder()), note="the procedures as they are shipped")

    def publish(self, files: list[SourceFile], *, note: str = "") -> int:
        """Make a release of `files`."""
        with self.web.database.write() as tx:
            return releases.publish(tx, files, actor="xie_liu", at=self.web.clock(), note=note)

    def report(self, by: str = "chen_min", **changes: str) -> str:
        """A fault report comes in; returns the case's number."""
        answers = {name: value for name, value in {**REPORT, **changes}.items() if value}
        return worklist.start(
            self.cases, "service_case", answers, actor=self.people[by], now=self.web.clock()
        )

    def task(self, number: str, kind: str = "task") -> Any:
        """The first task of a case that waits."""
        query = (
            select(Task.__table__)
            .join(Case, (Case.shard_key == Task.shard_key) & (Case.id == Task.case_id))
            .where(Case.number == number, Task.kind == kind)
            .order_by(Task.sort_at)
        )
        with self.web.database.read() as tx:
            return tx.execute(query).first()

    def claim(self, number: str, by: str) -> UUID:
        """Somebody takes the case's task."""
        task = self.task(number)
        worklist.claim(self.cases, number, task.id, actor=self.people[by], now=self.web.clock())
        return task.id  # type: ignore[no-any-return]

    def complete(self, number: str, by: str, **answers: object) -> None:
        """Somebody finishes the case's task, not through a page."""
        task = self.task(number)
        worklist.complete(self.cases, number, task.id, answers, actor=self.people[by], now=self.web.clock())

    def url(self, number: str, ending: str = "") -> str:
        """The page of the case's task."""
        return f"/cases/{number}/tasks/{self.task(number).id}{ending}"


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def words(page: str) -> str:
    """What a page says, without its mark-up."""
    inside = re.sub(r"<(script|style|noscript)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside))

"""Whoever belongs to no group changes nothing, whatever address they send something to: read from the route table."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from engine.desk.people import add_person
from engine.foundation.models import Model
from engine.foundation.security import SYSTEM
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, Desk

THEIR_OWN = frozenset(
    {"access_log", "session", "sign_in_attempt", "rate_count", "draft"}
)  # a draft is read by its writer alone
SAID = {**FAULT, "reason": "x", "person": "chen_min", "due_at": "2099-01-01T08:00", "revision": "2"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


def everything(web: Web) -> dict[str, list[Any]]:
    """All rows but those that a refusal and a visit leave."""
    with web.database.read() as tx:
        return {
            name: sorted(map(repr, tx.execute(select(table)).all()))
            for name, table in Model.metadata.tables.items()
            if name not in THEIR_OWN
        }


def address(web: Web, rule: Rule, known: dict[str, Any]) -> str:
    """The address of a route with what exists, or with something of the right kind."""
    made = {name: known.get(name, _something(kind, known)) for name, kind in rule._converters.items()}
    with web.app.test_request_context():
        return str(web.app.url_map.bind("localhost").build(rule.endpoint, made, method="POST"))


def _something(kind: Any, known: dict[str, Any]) -> Any:
    if isinstance(kind, UUIDConverter):
        return known["task_id"]
    return 1 if isinstance(kind, IntegerConverter) else "x"


def test_whoever_belongs_to_no_group_changes_nothing(web: Web) -> None:
    desk = Desk(web)
    number = desk.report()
    desk.claim(number, by="he_jie")
    with web.database.write() as tx:
        add_person(tx, id="wai_ren", name="外人", email=None, groups=[], at=web.clock(), actor=SYSTEM)
    known = {
        "number": number,
        "task_id": desk.task(number).id,
        "process": "service_case",
        "person": "chen_min",
    }
    web.as_("wai_ren").get("/inbox/")
    before = everything(web)
    rules = [r for r in web.app.url_map.iter_rules() if "POST" in (r.methods or ())]
    tried = [r for r in rules if not getattr(web.app.view_functions[r.endpoint], "is_public", False)]
    assert len(tried) > 20
    for rule in tried:
        answer = web.post(address(web, rule, known), dict(SAID))
        assert answer.status_code < 500, rule
        assert everything(web) == before, rule

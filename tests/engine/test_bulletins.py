"""Announced faults are compared with reports: what disagrees is left out, what agrees most comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.desk import bulletins
from engine.desk.registers.fields import Hand
from engine.foundation.database import Database
from engine.foundation.models.registers import Bulletin, RegisterChange
from engine.foundation.security import SYSTEM
from tests.conftest import MONDAY

HAND = Hand(SYSTEM, MONDAY)


def announce(database: Database, case: str = "SH-1", *, minutes: int = 0, **values: Any) -> None:
    wish = {"kind": bulletins.PLATFORM, "title": "登录失败", **values}
    with database.write() as tx:
        hand = Hand(SYSTEM, MONDAY + timedelta(minutes=minutes))
        bulletins.announce(tx, case_number=case, values=wish, hand=hand)


def match(database: Database, **said: str) -> str | None:
    asked: dict[str, Any] = {"model": None, "place": None, "words": None, **said}
    with database.read() as tx:
        found = bulletins.matching(tx, **asked)
    return None if found is None else found.case


@pytest.mark.parametrize(
    ("said", "matches"),
    [
        ({"words": "今早登录失败"}, True),
        ({"words": "认证超时了"}, True),
        ({"place": "高新园区二号楼"}, True),
        ({"model": "vc-900"}, True),
        ({"words": "登录失败", "model": "SW-1"}, False),
        ({"words": "登录失败", "place": "老城区"}, False),
        ({"words": "画面中断"}, False),
        ({}, False),
    ],
)
def test_something_agrees_and_neither_model_nor_area_disagrees(
    database: Database, said: dict[str, str], matches: bool
) -> None:
    announce(database, area="高新园区", symptoms="登录失败, 认证超时", models="VC-900")
    assert (match(database, **said) == "SH-1") is matches


def test_what_agrees_most_comes_first_then_what_is_newer(database: Database) -> None:
    announce(database, "SH-1", symptoms="登录失败")
    announce(database, "SH-2", symptoms="登录失败", area="高新园区", minutes=1)
    announce(database, "SH-3", symptoms="登录失败", minutes=2)
    assert match(database, words="登录失败", place="高新园区") == "SH-2"
    assert match(database, words="登录失败") == "SH-3"


def test_what_is_over_is_not_found_any_more_and_the_change_is_kept(database: Database) -> None:
    announce(database, symptoms="登录失败")
    with database.write() as tx:
        assert not bulletins.is_over(tx, "SH-1")
        bulletins.settle(tx, case_number="SH-1", status=bulletins.RESTORED, hand=HAND)
        assert bulletins.is_over(tx, "SH-1")
        row = tx.execute(select(Bulletin.status, Bulletin.restored_at)).one()
        acts = tx.execute(select(RegisterChange.act).order_by(RegisterChange.revision)).scalars().all()
    assert tuple(row) == ("restored", MONDAY) and acts == ["add", "change"]
    assert match(database, words="登录失败") is None


def test_what_was_announced_by_mistake_is_withdrawn(database: Database) -> None:
    announce(database, symptoms="登录失败")
    with database.write() as tx:
        bulletins.settle(tx, case_number="SH-1", status=bulletins.WITHDRAWN, hand=HAND)
        assert tx.execute(select(Bulletin.status)).scalar_one() == "withdrawn"

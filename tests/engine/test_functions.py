"""What diagrams ask is answered from the desk, kept, and given back on a replay in the same order or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from engine.acts.cast import People
from engine.desk.entitlement import entitlement_of
from engine.desk.functions import DeskFunctions
from engine.desk.recorded import ReplayDiverged, Replayed
from engine.desk.wishes import Wishes
from engine.foundation.database import Database
from engine.foundation.errors import ShouhouError
from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Contract, Customer
from tests.conftest import MONDAY, Clock

TODAY = date(2026, 3, 2)


class Facts:
    """A case of which the handlers and registered ids are known; limits take two hours."""

    def __init__(self, *handlers: str, customer: UUID | None = None, asset: UUID | None = None) -> None:
        self._handlers = handlers
        self._registered = {"customer": customer, "asset": asset}

    def due(self, limit: str, percent: float) -> datetime:
        return MONDAY + timedelta(hours=2) * percent / 100

    def handlers(self) -> Collection[str]:
        return self._handlers

    def hand_overs(self) -> Collection[tuple[str, str]]:
        return list(pairwise(self._handlers))

    def registered(self) -> Mapping[str, Any]:
        return self._registered


def desk(tx: Connection, facts: Facts | None = None) -> DeskFunctions:
    return DeskFunctions(tx=tx, facts=facts or Facts(), at=MONDAY, zone="Asia/Shanghai")


def register(
    tx: Connection, *, contract_until: date | None = None, warranty_until: date | None = None
) -> dict[str, UUID]:
    customer, asset = new_id(MONDAY), new_id(MONDAY)
    tx.execute(insert(Customer).values(id=customer, name="华东测绘院", language="zh"))
    device = {"model": "P-200", "serial": "S-1", "name": "绘图仪", "warranty_until": warranty_until}
    tx.execute(insert(Asset).values(id=asset, customer_id=customer, **device))
    if contract_until is not None:
        running = {"number": "HT-7", "coverage": "gold", "starts_on": date(2025, 1, 1)}
        tx.execute(
            insert(Contract).values(
                id=new_id(MONDAY), customer_id=customer, ends_on=contract_until, **running
            )
        )
    return {"customer": customer, "asset": asset}


class TestAnswers:
    def test_deadlines_and_the_clock_are_told_as_iso_moments(
        self, database: Database, people: People
    ) -> None:
        with database.read() as tx:
            ask = desk(tx).mapping()
            assert ask["now"]() == "2026-03-02T01:00:00+00:00"
            assert ask["due"]("restoration") == "2026-03-02T03:00:00+00:00"
            assert ask["due"]("restoration", 50) == "2026-03-02T02:00:00+00:00"

    def test_a_deadline_may_be_the_end_of_a_day_that_a_person_named(
        self, database: Database, people: People
    ) -> None:
        with database.read() as tx:
            due = desk(tx).mapping()["due"]
            assert due("restoration", 100, "2026-03-03") == "2026-03-03T16:00:00+00:00", (
                "midnight in Shanghai"
            )
            assert due("restoration", 50, "2026-03-02") == "2026-03-02T08:30:00+00:00"
            assert due("restoration", 100, "2026-02-01") == "2026-03-02T01:00:00+00:00", "a past day is over"
            assert due("restoration", 100, None) == "2026-03-02T03:00:00+00:00"

    def test_best_person_names_somebody_and_passes_over_the_excluded(
        self, database: Database, people: People
    ) -> None:
        with database.write() as tx:
            ask = desk(tx).mapping()
            assert ask["best_person"]("service_engineer", "hardware") == "li_gong"
            assert ask["best_person"]("service_engineer", "network") == "wang_gong"
            assert ask["best_person"]("service_engineer", "network", ["wang_gong", None]) == "li_gong"
            assert ask["best_person"]("service_engineer", "optics") is None

    def test_handlers_and_their_groups(self, database: Database, people: People) -> None:
        with database.read() as tx:
            ask = desk(tx, Facts("li_gong", "sun_jing")).mapping()
            assert ask["handlers"]() == ["li_gong", "sun_jing"]
            assert ask["handled_by"]("service_manager") is True
            assert ask["handled_by"]("vice_president") is False
            assert ask["person_group"]("sun_jing") == "service_manager"
            assert ask["person_group"](None) is None


class TestEntitlement:
    def test_a_running_contract_comes_first(self, database: Database) -> None:
        with database.write() as tx:
            known = register(tx, contract_until=TODAY, warranty_until=TODAY)
            told = desk(tx, Facts(**known)).mapping()["entitlement"]()
        assert told == {
            "covered": True,
            "level": "gold",
            "contract": "HT-7",
            "reason_zh": "合同 HT-7 有效至 2026-03-02",
            "reason_en": "Contract HT-7 runs until 2026-03-02",
        }

    def test_the_owner_of_the_device_is_the_customer_when_nobody_named_one(self, database: Database) -> None:
        with database.write() as tx:
            known = register(tx, contract_until=TODAY)
            assert entitlement_of(tx, customer_id=None, asset_id=known["asset"], on=TODAY).contract == "HT-7"

    @pytest.mark.parametrize(
        ("contract", "warranty", "covered", "reason"),
        [
            (TODAY - timedelta(days=1), TODAY, True, "under warranty until 2026-03-02"),
            (None, TODAY - timedelta(days=1), False, "the warranty ended on 2026-03-01"),
            (None, None, False, "no warranty on record"),
        ],
    )
    def test_then_the_warranty_of_the_device_decides(
        self,
        database: Database,
        contract: date | None,
        warranty: date | None,
        covered: bool,
        reason: str,
    ) -> None:
        with database.write() as tx:
            known = register(tx, contract_until=contract, warranty_until=warranty)
            found = entitlement_of(tx, customer_id=known["customer"], asset_id=known["asset"], on=TODAY)
        assert found.covered is covered and reason in found.reason_en

    def test_unregistered_customers_are_said_to_be_unregistered(self, database: Database) -> None:
        with database.read() as tx:
            assert "Neither customer nor device" in desk(tx).mapping()["entitlement"]()["reason_en"]  # type: ignore[index]


class TestReplay:
    def test_recorded_answers_survive_the_history_and_come_back_without_a_desk(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            live = desk(tx, Facts("li_gong"))
            ask = live.mapping()
            first = [
                ask["due"]("restoration", 50),
                ask["best_person"]("service_engineer", "network"),
                ask["entitlement"](),
                ask["handlers"](),
            ]
        replayed = Replayed(json.loads(json.dumps(live.results)))
        again = replayed.mapping()
        second = [
            again["due"]("restoration", 50),
            again["best_person"]("service_engineer", "network"),
            again["entitlement"](),
            again["handlers"](),
        ]
        replayed.finish()
        assert first == second

    def test_a_diagram_may_change_what_it_was_given_without_touching_the_record(
        self, database: Database
    ) -> None:
        with database.read() as tx:
            live = desk(tx, Facts("li_gong"))
            live.mapping()["handlers"]().append("intruder")  # type: ignore[attr-defined]
        assert live.results == [["handlers", [], ["li_gong"]]]

    @pytest.mark.parametrize(
        ("name", "arguments", "sentence"),
        [
            ("due", ("arrival",), r"expected call 1 to be due\('restoration', 50\), found due\('arrival'\)"),
            ("now", (), r"found now\(\)"),
        ],
    )
    def test_another_question_is_refused_with_both_named(
        self, name: str, arguments: tuple[object, ...], sentence: str
    ) -> None:
        replayed = Replayed([["due", ["restoration", 50], "2026-03-02T02:00:00+00:00"]])
        with pytest.raises(ReplayDiverged, match=sentence):
            replayed.mapping()[name](*arguments)

    def test_a_question_too_many_and_an_answer_left_over_are_refused(self) -> None:
        with pytest.raises(ReplayDiverged, match="expected call 1 to be no call"):
            Replayed([]).mapping()["now"]()
        with pytest.raises(ReplayDiverged, match=r"expected call 1, now\(\), which was never made"):
            Replayed([["now", [], "x"]]).finish()

    calls = st.lists(st.tuples(st.sampled_from(["due", "now", "handlers"]), st.integers(0, 3)), max_size=6)

    @settings(deadline=None)
    @given(calls, calls)
    def test_a_replay_passes_exactly_when_the_calls_are_the_same(
        self, recorded: list[tuple[str, int]], asked: list[tuple[str, int]]
    ) -> None:
        replayed = Replayed([[name, [number], None] for name, number in recorded])
        ask = replayed.mapping()
        try:
            for name, number in asked:
                ask[name](number)
            replayed.finish()
            passed = True
        except ReplayDiverged:
            passed = False
        assert passed == (recorded == asked)


class TestWishes:
    def test_services_only_wish_and_the_case_hears_of_updates_at_once(self) -> None:
        heard: list[tuple[str, Any]] = []
        services = Wishes(update=lambda field, value: heard.append((field, value)))
        services("update_case", {"field": "priority", "value": "P1"})
        services("notify", {"to": "customer", "message": "received", "due": "2026-03-02"})
        services("notify", {"to": None, "message": "received"})
        services("open_case", {"process": "consultation", "reason": "leftover"})
        assert heard == [("priority", "P1")]
        assert services.wishes == [
            {"do": "update_case", "field": "priority", "value": "P1"},
            {"do": "notify", "to": "customer", "message": "received", "values": {"due": "2026-03-02"}},
            {"do": "notify", "to": None, "message": "received", "values": {}},
            {"do": "open_case", "process": "consultation", "reason": "leftover", "data": {}},
        ]

    @pytest.mark.parametrize(
        ("service", "given", "sentence"),
        [
            ("fax", {}, "found fax"),
            ("notify", {"message": "received"}, "Expected the parameter to of the service notify"),
            ("notify", {"to": "customer"}, "Expected the parameter message"),
            ("update_case", {"field": "state", "value": b""}, "found state"),
            ("open_case", {"process": "consultation"}, "Expected the parameter reason"),
        ],
    )
    def test_what_is_missing_or_unknown_is_named(
        self, service: str, given: dict[str, Any], sentence: str
    ) -> None:
        services = Wishes()
        with pytest.raises(ShouhouError, match=sentence):
            services(service, given)
        assert services.wishes == []


def test_a_release_of_former_days_is_answered_as_ever(database: Database) -> None:
    once = [{"sender": "li_gong", "receiver": "zhao_zhuan"}]
    with database.read() as tx:
        functions = desk(tx, Facts("li_gong", "zhao_zhuan"))
        assert functions.mapping()["hand_overs"]() == once
    replayed = Replayed(functions.results)
    assert replayed.mapping()["hand_overs"]() == once
    replayed.finish()

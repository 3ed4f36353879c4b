"""What the registers say of a device: its repairs and their days, who promised what, what fits, where it stands."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert, select

from engine.desk import warranty
from engine.desk.registers.fields import Hand
from engine.foundation.database import Database
from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Manufacturer, Part, Repair, Site
from engine.foundation.security import SYSTEM
from tests.conftest import MONDAY

TODAY = date(2026, 3, 2)
HAND = Hand(SYSTEM, MONDAY)


def device(tx: Connection, **values: Any) -> UUID:
    customer, asset = new_id(MONDAY), new_id(MONDAY)
    tx.execute(insert(Customer).values(id=customer, name="华东测绘院", language="zh", kind="organisation"))
    known = {"model": "SW-7600", "serial": "S-1", "name": "交换机", "asset_class": "network", **values}
    tx.execute(insert(Asset).values(id=asset, customer_id=customer, status="in_service", **known))
    return asset


def test_the_ledger_counts_repairs_and_their_days_until_today(database: Database) -> None:
    with database.write() as tx:
        asset = device(tx, bought_on=date(2025, 3, 1))
        for number, ended in enumerate((date(2026, 1, 11), None)):
            began = date(2026, 1, 1) if ended else date(2026, 2, 26)
            row = {"id": new_id(MONDAY), "revision": 1, "serial": "S-1", "case_number": f"SH-{number}"}
            tx.execute(insert(Repair).values(**row, began_on=began, ended_on=ended))
        for named in ({"serial": "S-1", "asset_id": None}, {"serial": None, "asset_id": asset}):
            found = warranty.ledger_of(tx, on=TODAY, **named)
            assert (found["repairs"], found["repair_days"]) == (2, 14)
            assert (found["product_class"], found["customer_kind"]) == ("network", "organisation")
            assert found["bought_on"] == "2025-03-01"


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        ([], 0),
        ([(1, 11)], 10),
        ([(1, 11), (5, 15)], 14),
        ([(1, 11), (3, 7)], 10),
        ([(3, 7), (1, 11)], 10),
        ([(1, 11), (1, 11)], 10),
        ([(1, 11), (11, 12)], 11),
        ([(1, 5), (10, 12)], 6),
        ([(4, 4)], 0),
    ],
)
def test_a_day_within_several_repairs_of_a_device_counts_once(
    spans: list[tuple[int, int]], days: int
) -> None:
    assert warranty.days_covered((date(2026, 1, b), date(2026, 1, e)) for b, e in spans) == days


def test_the_ledger_counts_overlapping_repairs_twice_and_their_days_once(database: Database) -> None:
    with database.write() as tx:
        device(tx)
        for number, (began, ended) in enumerate(((1, 11), (5, 15))):
            row = {"id": new_id(MONDAY), "revision": 1, "serial": "S-1", "case_number": f"SH-{number}"}
            tx.execute(
                insert(Repair).values(**row, began_on=date(2026, 1, began), ended_on=date(2026, 1, ended))
            )
        found = warranty.ledger_of(tx, serial="S-1", asset_id=None, on=TODAY)
    assert (found["repairs"], found["repair_days"]) == (2, 14)


def test_an_unknown_device_has_no_repairs_and_no_class(database: Database) -> None:
    with database.read() as tx:
        found = warranty.ledger_of(tx, serial="?", asset_id=None, on=TODAY)
        nothing = warranty.ledger_of(tx, serial=None, asset_id=None, on=TODAY)
    assert (found["serial"], found["repairs"], found["product_class"]) == ("?", 0, None)
    assert nothing["serial"] is None


def test_a_repair_is_entered_once_per_case_and_never_without_a_serial_number(database: Database) -> None:
    wish = {"serial": "S-9", "began_on": "2026-02-27T01:00:00+00:00", "fault": "电源老化"}
    with database.write() as tx:
        for one in (wish, wish, {"serial": None}):
            warranty.note_repair(tx, case_number="SH-1", asset_id=None, wish=one, on=TODAY, hand=HAND)
        rows = tx.execute(select(Repair.serial, Repair.began_on, Repair.ended_on, Repair.fault)).all()
    assert [tuple(row) for row in rows] == [("S-9", date(2026, 2, 27), TODAY, "电源老化")]


@pytest.mark.parametrize(
    ("until", "holds"), [(date(2026, 3, 2), True), (date(2026, 3, 1), False), (None, False)]
)
def test_a_commitment_holds_until_its_day(database: Database, until: date | None, holds: bool) -> None:
    with database.write() as tx:
        maker = new_id(MONDAY)
        promise = {"commitment_scope": "上门", "commitment_until": until}
        tx.execute(insert(Manufacturer).values(id=maker, revision=1, name="北辰", **promise))
        found = warranty.commitment_of(tx, device(tx, manufacturer_id=maker), on=TODAY)
        assert found is not None and (found["manufacturer"], found["holds"]) == ("北辰", holds)
        assert warranty.commitment_of(tx, None, on=TODAY) is None


def test_a_part_fits_the_models_that_it_names(database: Database) -> None:
    with database.write() as tx:
        asset = device(tx)
        for sku, models in (("A", ["SW-7600"]), ("B", ["VC-900"]), ("C", None)):
            row = {"id": new_id(MONDAY), "revision": 1, "sku": sku, "name": f"件 {sku}"}
            tx.execute(insert(Part).values(**row, models=models))
        fits = {part: warranty.part_fits(tx, part, asset) for part in ("A", "件 A", "B", "C", "?", None)}
        assert warranty.part_fits(tx, "A", None) is None
    assert fits == {"A": True, "件 A": True, "B": False, "C": None, "?": None, None: None}


def test_a_site_code_is_compared_without_regard_to_case(database: Database) -> None:
    with database.write() as tx:
        site = new_id(MONDAY)
        row = {"revision": 1, "code": "B-3", "customer_id": new_id(MONDAY), "name": "三号楼"}
        tx.execute(insert(Site).values(id=site, **row))
        asset = device(tx, site_id=site)
        found = [warranty.site_matches(tx, code, asset) for code in ("b-3 ", "A-1", None)]
        assert warranty.site_matches(tx, "B-3", None) is None
    assert found == [True, False, False]

"""Whether the company owes a service, and by what: the contract first, then the warranty of the device."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from engine.foundation.models import Asset, Contract
from engine.foundation.text import Text

WARRANTY = "warranty"  # the coverage level of a device under warranty without a contract
NONE = "none"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What is owed: `level` is a coverage that the table of limits knows, `contract` its number, and why."""

    covered: bool
    level: str
    contract: str | None
    reason_zh: str
    reason_en: str

    def as_data(self) -> dict[str, Any]:
        """The same as JSON values, for a diagram."""
        return asdict(self)


def entitlement_of(
    tx: Connection, *, customer_id: UUID | None, asset_id: UUID | None, on: date
) -> Entitlement:
    """What is owed on the local date `on`: a running contract of the customer, else a running warranty, else nothing."""
    customer_id = customer_id or (_owner(tx, asset_id) if asset_id is not None else None)
    contract = _running_contract(tx, customer_id, on) if customer_id is not None else None
    if contract is not None:
        return _owed(True, contract[1], contract[0], _CONTRACT.format(number=contract[0], ends=contract[2]))
    until = _warranty(tx, asset_id) if asset_id is not None else None
    if until is not None and until >= on:
        return _owed(True, WARRANTY, None, _WARRANTY.format(ends=until))
    if customer_id is None and asset_id is None:
        return _owed(False, NONE, None, _UNKNOWN)
    return _owed(False, NONE, None, _EXPIRED.format(ends=until) if until else _NOTHING)


def _owed(covered: bool, level: str, contract: str | None, reason: Text) -> Entitlement:
    return Entitlement(covered, level, contract, reason.zh, reason.en)


def _running_contract(tx: Connection, customer_id: UUID, on: date) -> tuple[str, str, date] | None:
    row = tx.execute(_RUNNING, {"customer": customer_id, "on": on}).tuples().first()
    return row if row is None else (row[0], row[1], row[2])


def _owner(tx: Connection, asset_id: UUID) -> UUID | None:
    return tx.execute(_OWNER, {"asset": asset_id}).scalar_one_or_none()


def _warranty(tx: Connection, asset_id: UUID) -> date | None:
    return tx.execute(_UNTIL, {"asset": asset_id}).scalar_one_or_none()


_ASSET, _AGREED = cast(Table, Asset.__table__), cast(Table, Contract.__table__)
_RUNNING = (
    select(_AGREED.c.number, _AGREED.c.coverage, _AGREED.c.ends_on)
    .where(_AGREED.c.customer_id == bindparam("customer"))
    .where(_AGREED.c.starts_on <= bindparam("on"), _AGREED.c.ends_on >= bindparam("on"))
    .where(_AGREED.c.retired_at.is_(None))
    .order_by(_AGREED.c.ends_on.desc(), _AGREED.c.number)
    .limit(1)
)
_OWNER = select(_ASSET.c.customer_id).where(_ASSET.c.id == bindparam("asset"))
_UNTIL = select(_ASSET.c.warranty_until).where(_ASSET.c.id == bindparam("asset"))


_CONTRACT = Text(zh="合同 {number} 有效至 {ends}", en="Contract {number} runs until {ends}")
_WARRANTY = Text(zh="设备保修期至 {ends}", en="The device is under warranty until {ends}")
_EXPIRED = Text(
    zh="没有有效合同, 设备保修期已于 {ends} 结束", en="No running contract; the warranty ended on {ends}"
)
_NOTHING = Text(zh="没有有效合同, 也没有保修记录", en="No running contract and no warranty on record")
_UNKNOWN = Text(
    zh="客户和设备均未登记, 无法核对权益", en="Neither customer nor device is registered; nothing to check"
)

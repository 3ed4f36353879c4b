"""Devices: how many are intact, how long systems could be used, and what inspections read off them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from engine.foundation.models import Asset, Case, Contract
from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, Number, Row, average, in_order, percent, rounded
from engine.record.figures.said import Command, elements_of
from engine.record.figures.spans import Span, began, ended, merged, minutes

UNKNOWN = "unknown"


def intact(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Devices in service without an open fault at the end of the period, or now, among all in service (R-104)."""
    faulty = set(facts.tx.execute(_open_at(facts, given["kinds"])).scalars())
    members, classes = list[Member](), list[str]()
    for asset in facts.tx.execute(_in_service(facts.until, given["statuses"])):
        members.append(
            Member("faulty" if asset.id in faulty else "intact", "", None, f"{asset.name} {asset.serial}")
        )
        classes.append(asset.asset_class or UNKNOWN)
    whole = sum(m.part == "intact" for m in members)
    return Measured(
        value=percent(whole, len(members)),
        numerator=whole,
        denominator=len(members),
        row_kind="asset_class",
        rows=_intact_rows(members, classes),
        members=in_order(members),
    )


def availability(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Agreed time without downtime, in percent (R-105).

    Agreed are the service hours of the contract that covers the device at the end of the period (now, while it
    lasts), its own or else its customer's; around the clock without one. Downtime is the agreed time in which at
    least one fault of the named severities was open. A member's amount is the downtime of its case, in minutes.
    """
    assets = {asset.id: asset for asset in facts.tx.execute(_in_service(facts.until, given["statuses"]))}
    hours = _Hours(facts, assets)
    down, members = _downtime(facts, given, hours)
    agreed = {id: hours.of(id, facts.period.start, facts.until) for id in assets}
    lost = {id: sum(hours.of(id, *span) for span in merged(down[id])) for id in assets}
    total, gone = sum(agreed.values()), sum(lost.values())
    return Measured(
        value=rounded(100 * (total - gone) / total, 3) if total else None,
        numerator=rounded(total - gone) if total else None,
        denominator=rounded(total) if total else None,
        details={"devices": len(assets), "downtime_minutes": rounded(gone)},
        row_kind="asset_class",
        rows=_available_rows(
            {id: asset.asset_class or UNKNOWN for id, asset in assets.items()}, agreed, lost
        ),
        members=in_order(members),
    )


class _Hours:
    """The service hours of devices: those of their own contract, else those of their customer's newest one."""

    def __init__(self, facts: Facts, assets: Mapping[UUID, Any]) -> None:
        self._assets, self._calendars = assets, facts.calendars
        on = facts.until.astimezone(facts.period.zone) - timedelta(microseconds=1)
        running = (Contract.starts_on <= on.date(), Contract.ends_on >= on.date())
        query = select(Contract.id, Contract.customer_id, Contract.calendar).where(
            *running, or_(Contract.retired_at.is_(None), Contract.retired_at > facts.until)
        )
        contracts = facts.tx.execute(query.order_by(Contract.ends_on, Contract.number)).all()
        self._by_contract = {contract.id: contract.calendar for contract in contracts}
        self._by_customer = {contract.customer_id: contract.calendar for contract in contracts}

    def of(self, asset_id: UUID, since: datetime, until: datetime) -> float:
        """The agreed minutes of a device between two moments."""
        asset = self._assets[asset_id]
        named = self._by_contract.get(asset.contract_id, self._by_customer.get(asset.customer_id))
        calendar = self._calendars.get(named or "")
        return minutes(since, until) if calendar is None else round(calendar.working_minutes(since, until), 2)

    def __contains__(self, asset_id: UUID) -> bool:
        return asset_id in self._assets


def readings(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Numbers read off during inspections of the period, by what was read (R-105: processor, memory, disks)."""
    said = facts.answered(elements_of(given["answers"]))
    members = [m for one in said for m in _read(one, given)]
    values: dict[str, list[float]] = defaultdict(list)
    for member in members:
        values[member.part].append(float(member.amount or 0))
    every = [value for column in values.values() for value in column]
    return Measured(
        value=average(every),
        denominator=len(every) or None,
        row_kind="reading",
        rows=tuple(
            Row(item, {"count": len(v), "average": average(v), "highest": max(v)})
            for item, v in sorted(values.items())
        ),
        members=in_order(members),
    )


def _in_service(at: datetime, statuses: Sequence[str]) -> Any:
    return select(
        Asset.id, Asset.name, Asset.serial, Asset.asset_class, Asset.customer_id, Asset.contract_id
    ).where(
        Asset.status.in_(statuses),
        or_(Asset.retired_at.is_(None), Asset.retired_at > at),
        or_(Asset.installed_on.is_(None), Asset.installed_on <= at.date()),
    )


def _open_at(facts: Facts, kinds: Sequence[str]) -> Any:
    at = facts.until
    return select(Case.asset_id).where(
        Case.asset_id.is_not(None), Case.received_at <= at, _not_over(at), facts.of_kinds(kinds)
    )


def _not_over(at: datetime) -> ColumnElement[bool]:
    """Neither restored nor ended by then."""
    gone = and_(Case.restored_at.is_(None), or_(Case.ended_at.is_(None), Case.ended_at > at))
    return or_(Case.restored_at > at, gone)


def _intact_rows(members: Sequence[Member], classes: Sequence[str]) -> tuple[Row, ...]:
    counted: dict[str, list[bool]] = defaultdict(list)
    for member, asset_class in zip(members, classes, strict=True):
        counted[asset_class].append(member.part == "intact")
    return tuple(
        Row(key, {"devices": len(whole), "intact": sum(whole), "share": percent(sum(whole), len(whole))})
        for key, whole in sorted(counted.items())
    )


def _downtime(
    facts: Facts, given: Mapping[str, Any], hours: _Hours
) -> tuple[Mapping[UUID, list[Span]], list[Member]]:
    query = select(
        Case.number, Case.asset_id, Case.facts, Case.received_at, Case.restored_at, Case.ended_at
    ).where(
        Case.asset_id.is_not(None),
        facts.of_kinds(given["kinds"]),
        Case.severity.in_(given["severities"]),
        Case.received_at < facts.until,
        _not_over(facts.period.start),
    )
    spans: dict[UUID, list[Span]] = defaultdict(list)
    members = []
    for case in facts.tx.execute(query):
        since, until = max(began(case), facts.period.start), min(ended(case, at=facts.until), facts.until)
        if case.asset_id in hours and since < until:
            spans[case.asset_id].append((since, until))
            members.append(Member("down", case.number, hours.of(case.asset_id, since, until)))
    return spans, members


def _available_rows(
    classes: Mapping[UUID, str], agreed: Mapping[UUID, float], lost: Mapping[UUID, float]
) -> tuple[Row, ...]:
    by_class: dict[str, list[UUID]] = defaultdict(list)
    for asset, name in classes.items():
        by_class[name].append(asset)
    return tuple(
        Row(
            key,
            {
                "devices": len(assets),
                "downtime_minutes": rounded(sum(lost[a] for a in assets)),
                "share": _free(sum(lost[a] for a in assets), sum(agreed[a] for a in assets)),
            },
        )
        for key, assets in sorted(by_class.items())
    )


def _free(lost: float, agreed: float) -> Number:
    return rounded(100 * (1 - lost / agreed), 3) if agreed else None


def _read(said: Command, given: Mapping[str, Any]) -> list[Member]:
    """The numbers of one inspection that the figure is about; what was not read is passed over."""
    fields = [source["field"] for source in given["answers"] if source["element"] == said.element]
    return [
        Member(field, said.number, float(said.answers[field]))
        for field in fields
        if _is_number(said.answers.get(field))
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

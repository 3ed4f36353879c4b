"""How often strangers may knock: counted in the database, so that it holds whichever process answers."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.models import RateCount
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many of these acts from one network address within a stretch that begins with the first of them."""

    name: str
    most: int
    within: timedelta


class TooOften(Rejection):
    """The address has used up what a rate allows; `until` says when it may go on."""

    def __init__(self, *, until: datetime, now: datetime) -> None:
        minutes = max(1, math.ceil((until - now).total_seconds() / 60))
        super().__init__(_TOO_OFTEN.format(minutes=minutes))
        self.until = until


def spend(database: Database, rate: Rate, *, address: str, now: datetime) -> None:
    """Count one act; raises TooOften when it is one too many. Beyond the limit nothing is written, however many come."""
    who = _network(address)
    key = {"name": rate.name, "who": who}
    with database.read() as tx:
        known = tx.execute(select(RateCount.hits, RateCount.ends_at).filter_by(**key)).one_or_none()
    if known is not None and known.ends_at > now and known.hits >= rate.most:
        raise TooOften(until=known.ends_at, now=now)
    with database.write() as tx:
        counted = _count(tx, key, now=now, ends_at=now + rate.within)
    if counted.hits > rate.most:  # several came at the same moment
        raise TooOften(until=counted.ends_at, now=now)


def forget_ended(tx: Connection, *, now: datetime) -> int:
    """Remove stretches that are over; returns how many."""
    return tx.execute(delete(RateCount).where(RateCount.ends_at <= now)).rowcount


@dataclass(frozen=True, slots=True)
class _Counted:
    hits: int
    ends_at: datetime


def _count(tx: Connection, key: dict[str, str], *, now: datetime, ends_at: datetime) -> _Counted:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    over = RateCount.ends_at <= now
    row = insert(RateCount).values(**key, hits=1, ends_at=ends_at)
    counted = row.on_conflict_do_update(
        index_elements=["name", "who"],
        set_={
            "hits": case((over, 1), else_=RateCount.hits + 1),
            "ends_at": case((over, row.excluded.ends_at), else_=RateCount.ends_at),
        },
    ).returning(RateCount.hits, RateCount.ends_at)
    return _Counted(*tx.execute(counted).one())


def _network(address: str) -> str:
    """An address as it is counted: of IPv6 the network that one household or office has, because it has all of it."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(
        known, ipaddress.IPv6Address
    ):  # a server that listens on both writes IPv4 callers like this
        known = known.ipv4_mapped or known
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


_TOO_OFTEN = Text(
    zh="请求过于频繁, 这一次没有处理; 请在 {minutes} 分钟后再试, 紧急情况请致电我们。",
    en="Too many requests from your network, so this one was not carried out; try again in {minutes} minutes, or call us if it is urgent.",
)

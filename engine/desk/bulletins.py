"""Faults of platforms that everybody shall know of: announced by a case, matched with reports, settled by that case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Select, Table, select

from engine.desk.registers.fields import Hand
from engine.desk.registers.notices import BULLETIN
from engine.desk.registers.writing import add_rows, write_over
from engine.foundation.models import Asset
from engine.foundation.models.registers import Bulletin
from engine.foundation.prepared import among, numbered

PLATFORM = "platform_fault"
KNOWN_ERRORS = ("known_error", "vendor_advisory")
ANNOUNCED, RESTORED, WITHDRAWN = "announced", "restored", "withdrawn"
OF_A_WISH = ("kind", "title", "area", "symptoms", "models", "advice")


@dataclass(frozen=True, slots=True)
class Match:
    """An announced fault that a report may be about; `case` is the number of the case that repairs it."""

    number: str
    case: str | None
    title: str
    area: str | None
    advice: str | None
    announced_at: str | None

    def as_data(self) -> dict[str, Any]:
        """The same as JSON values, for a diagram."""
        return {name: getattr(self, name) for name in self.__slots__}


def matching(
    tx: Connection, *, model: str | None, place: str | None, words: str | None, of_a_case: bool = False
) -> Match | None:
    """The announced platform fault that fits best, or None; a suggestion, which a person confirms (R-080).

    `of_a_case` leaves out bulletins that no case will settle.
    """
    found = fitting(tx, model=model, place=place, words=words)
    return next((match for match in found if match.case or not of_a_case), None)


def fitting(
    tx: Connection,
    *,
    model: str | None,
    place: str | None,
    words: str | None,
    kinds: Collection[str] = (PLATFORM,),
) -> list[Match]:
    """The announced bulletins of some kinds that a report may be about, the best first.

    What a bulletin says of model and area must not disagree with the report; model, area or a word of the symptom
    must agree. More agreement comes first, then the newer bulletin.
    """
    announced = tx.execute(_announced(len(kinds)), numbered(kinds))
    rated = [(_agreement(row, model, place, words), row) for row in announced]
    return [_match(row) for agreed, row in sorted(rated, key=lambda one: -one[0]) if agreed]


@lru_cache(maxsize=8)
def _announced(kinds: int) -> Select[Any]:
    return (
        select(_BULLETIN)
        .where(among(_BULLETIN.c.kind, kinds), _BULLETIN.c.status == ANNOUNCED)
        .where(_BULLETIN.c.retired_at.is_(None))
        .order_by(_BULLETIN.c.announced_at.desc(), _BULLETIN.c.number.desc())
    )


_BULLETIN = cast(Table, Bulletin.__table__)


def _match(row: Any) -> Match:
    announced = row.announced_at.isoformat() if row.announced_at else None
    return Match(row.number, row.case_number, row.title, row.area, row.advice, announced)


def model_of(tx: Connection, asset_id: UUID | None) -> str | None:
    """The model of a registered device."""
    return tx.scalar(select(Asset.model).where(Asset.id == asset_id)) if asset_id is not None else None


def announce(tx: Connection, *, case_number: str, values: Mapping[str, Any], hand: Hand) -> None:
    """Make a fault known under the case that repairs it; from now on intake compares reports with it."""
    row: dict[str, Any] = {name: values.get(name) for name in OF_A_WISH}
    row |= {"symptoms": _words(row["symptoms"]), "models": _words(row["models"]), "manufacturer_id": None}
    row |= {"status": ANNOUNCED, "announced_at": hand.at, "restored_at": None, "case_number": case_number}
    row["title"] = str(row["title"])[:200]
    add_rows(tx, BULLETIN, [row], hand=hand)


def settle(tx: Connection, *, case_number: str, status: str, hand: Hand) -> None:
    """The case's announced bulletins are over: restored, or withdrawn because they were mistaken."""
    query = select(Bulletin.__table__).where(
        Bulletin.case_number == case_number, Bulletin.status == ANNOUNCED, Bulletin.retired_at.is_(None)
    )
    for row in tx.execute(query).mappings().all():
        changed: dict[str, Any] = {"status": status}
        if status == RESTORED:
            changed["restored_at"] = hand.at
        write_over(tx, BULLETIN, dict(row), changed, act="change", hand=hand)


def is_over(tx: Connection, case_number: str) -> bool:
    """Whether nothing that this case announced still holds."""
    query = select(Bulletin.id).where(Bulletin.case_number == case_number, Bulletin.status == ANNOUNCED)
    return tx.execute(query).first() is None


def _agreement(row: Any, model: str | None, place: str | None, words: str | None) -> int:
    """How many of model, area and symptom agree; 0 when one of the first two disagrees."""
    models, area = [m.lower() for m in row.models or ()], (row.area or "").lower()
    agreed = 0
    if models and model:
        if model.lower() not in models:
            return 0
        agreed += 1
    if area and place:
        where = place.lower()
        if area not in where and where not in area:
            return 0
        agreed += 1
    told = (words or "").lower()
    return agreed + any(symptom.lower() in told for symptom in row.symptoms or ())


def _words(written: Any) -> list[str]:
    """A list as it is; a text split at commas and blanks of either script."""
    if written is None:
        return []
    if isinstance(written, list):
        return [str(each) for each in written]
    for mark in ",,、;;\n":
        written = str(written).replace(mark, " ")
    return [each for each in str(written).split() if each]

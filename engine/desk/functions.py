"""The names that a diagram may call in its conditions and assignments, answered from what the desk knows now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.desk import bulletins, past_work, terms, trend, warranty
from engine.desk.assignment import best_person, note_dispatch
from engine.desk.entitlement import entitlement_of
from engine.desk.people import GROUPS, groups_of

Function = Callable[..., object]
Recorded = list[Any]
"""One answered call as JSON: [name, [arguments], answer]."""

NAMES = frozenset(
    {
        "due",
        "now",
        "best_person",
        "handlers",
        "handled_by",
        "entitlement",
        "person_group",
        "known_fault",
        "repairs_of",
        "rising_months",
        "commitment",
        "part_fits",
        "site_matches",
        "contract_terms",
        "owners_of",
        "figures_of",
        "known_error",
    }
)
RETIRED = frozenset({"hand_overs"})
"""Names that only releases of former days call; they are answered as ever, and the check refuses them in a new release."""


class CaseFacts(Protocol):
    """What the functions need to know of the case whose diagram calls them."""

    def due(self, limit: str, percent: float) -> datetime:
        """When `percent` of a limit is used up."""

    def handlers(self) -> Collection[str]:
        """Who has handled the case so far, in a stable order."""

    def hand_overs(self) -> Collection[tuple[str, str]]:
        """From whom to whom the handling went so far."""

    def registered(self) -> Mapping[str, Any]:
        """The ids of its `customer` and `asset` (None when unknown), and the people `kept_out` of it."""


class DeskFunctions:
    """The functions of one step of one case; every answer is kept in `results`, in the order of the calls."""

    def __init__(self, *, tx: Connection, facts: CaseFacts, at: datetime, zone: str) -> None:
        self._tx = tx
        self._facts = facts
        self._at = at
        self._zone = ZoneInfo(zone)
        self.results: list[Recorded] = []

    def mapping(self) -> dict[str, Function]:
        """What the runtime is given: name to callable."""
        return {name: self._recorded(name) for name in sorted(NAMES | RETIRED)}

    def move_to(self, at: datetime) -> None:
        """The case's clock now shows `at`; for a step that fires several timers."""
        self._at = at

    def _recorded(self, name: str) -> Function:
        answer: Function = getattr(self, f"_{name}")

        def call(*arguments: object) -> object:
            result = answer(*arguments)
            self.results.append(
                deepcopy([name, list(arguments), result])
            )  # the diagram may change its copies
            return result

        return call

    def _due(self, limit: str, percent: float = 100, on: str | None = None) -> str:
        if on is None:
            return self._facts.due(limit, percent).isoformat()
        # A person has named the day: it is over when it ends, and half of the way there is half of the time.
        ends = datetime.combine(date.fromisoformat(on) + timedelta(days=1), time(), tzinfo=self._zone)
        left = max(ends.astimezone(UTC) - self._at, timedelta())
        return (self._at + left * percent / 100).isoformat()

    def _now(self) -> str:
        return self._at.isoformat()

    def _best_person(
        self, group: str, skill: str | None = None, excluded: Iterable[str | None] | None = None
    ) -> str | None:
        barred = {*(excluded or ()), *(self._facts.registered().get("kept_out") or ())}
        found = best_person(
            self._tx, group=group, skill=skill, at=self._at, excluded={one for one in barred if one}
        )
        if found is not None:
            note_dispatch(self._tx, person=found, at=self._at)
        return found

    def _handlers(self) -> list[str]:
        return list(self._facts.handlers())

    def _hand_overs(self) -> list[dict[str, str]]:
        return [{"sender": sender, "receiver": receiver} for sender, receiver in self._facts.hand_overs()]

    def _handled_by(self, group: str) -> bool:
        return any(group in groups_of(self._tx, one) for one in self._facts.handlers())

    def _entitlement(self) -> dict[str, Any]:
        known = self._facts.registered()
        return entitlement_of(
            self._tx,
            customer_id=known.get("customer"),
            asset_id=known.get("asset"),
            on=self._today,
        ).as_data()

    def _person_group(self, person: str | None) -> str | None:
        theirs = groups_of(self._tx, person) if person else frozenset()
        return next((group for group in GROUPS if group in theirs), None)

    def _known_fault(
        self, model: str | None = None, place: str | None = None, words: str | None = None
    ) -> dict[str, Any] | None:
        model = bulletins.model_of(self._tx, self._asset) or model
        found = bulletins.matching(self._tx, model=model, place=place, words=words, of_a_case=True)
        return None if found is None else found.as_data()

    def _known_error(self, model: str | None = None, words: str | None = None) -> dict[str, Any] | None:
        model = bulletins.model_of(self._tx, self._asset) or model
        kinds = bulletins.KNOWN_ERRORS
        found = bulletins.fitting(self._tx, model=model, place=None, words=words, kinds=kinds)
        return found[0].as_data() if found else None

    def _repairs_of(self, serial: str | None = None) -> dict[str, Any]:
        return warranty.ledger_of(self._tx, serial=serial, asset_id=self._asset, on=self._today)

    def _rising_months(self, kind: str) -> dict[str, Any]:
        return trend.rising_months(self._tx, kind, at=self._at, zone=self._zone)

    def _commitment(self) -> dict[str, Any] | None:
        return warranty.commitment_of(self._tx, self._asset, on=self._today)

    def _part_fits(self, part: str | None) -> bool | None:
        return warranty.part_fits(self._tx, part, self._asset)

    def _site_matches(self, code: str | None) -> bool | None:
        return warranty.site_matches(self._tx, code, self._asset)

    def _contract_terms(self, number: str | None) -> dict[str, Any] | None:
        return terms.contract_terms(self._tx, number)

    def _owners_of(self, model: str | None) -> dict[str, Any]:
        return terms.owners_of(self._tx, model, on=self._today)

    def _figures_of(self, scope: str | None, subject: str | None, months: int = 1) -> dict[str, Any]:
        return past_work.figures_of(self._tx, scope, subject, until=self._at, months=months)

    @property
    def _asset(self) -> UUID | None:
        return self._facts.registered().get("asset")

    @property
    def _today(self) -> date:
        return self._at.astimezone(self._zone).date()

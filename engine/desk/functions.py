"""The names that a diagram may call: answered from the desk on a live run, from the history on a replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.desk import bulletins, past_work, terms, trend, warranty
from engine.desk.assignment import best_person, note_dispatch
from engine.desk.entitlement import entitlement_of
from engine.desk.people import GROUPS, groups_of
from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

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
SERVICES = frozenset(
    {
        "notify",
        "update_case",
        "open_case",
        "announce",
        "settle_bulletin",
        "link_case",
        "tell_linked",
        "keep_out",
        "record_repair",
        "schedule_case",
        "open_cases",
    }
)
FIELDS = frozenset({"priority", "severity", "status", "handler", "coverage", "owner_group", "kind"})


class CaseFacts(Protocol):
    """What the functions need to know of the case whose diagram calls them."""

    def due(self, limit: str, percent: float) -> datetime:
        """When `percent` of a limit is used up."""

    def handlers(self) -> Collection[str]:
        """Who has handled the case so far, in a stable order."""

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
        return {name: self._recorded(name) for name in sorted(NAMES)}

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


class ReplayDiverged(ShouhouError):
    """A replayed diagram asked something else than the recorded run did."""


class Replayed:
    """Gives the recorded answers back in their order and refuses any other question."""

    def __init__(self, results: Iterable[Recorded]) -> None:
        self._left = list(reversed(list(results)))
        self._number = 0

    def mapping(self) -> dict[str, Function]:
        """What the runtime is given: name to callable."""
        return {name: self._answer(name) for name in sorted(NAMES)}

    def finish(self) -> None:
        """Raises ReplayDiverged when recorded answers were never asked for."""
        if self._left:
            name, arguments, _ = self._left[-1]
            raise ReplayDiverged(_UNASKED.format(number=self._number + 1, found=_written(name, arguments)))

    def _answer(self, name: str) -> Function:
        def call(*arguments: object) -> object:
            self._number += 1
            recorded = self._left.pop() if self._left else None
            if recorded is None or recorded[:2] != [name, list(arguments)]:
                raise ReplayDiverged(
                    _OTHER.format(
                        number=self._number,
                        expected=_written(*recorded[:2]) if recorded else _NO_CALL,
                        found=_written(name, arguments),
                    )
                )
            return deepcopy(recorded[2])

        return call


@dataclass(slots=True)
class Wishes:
    """The services of one step: each call becomes a wish that the step carries out when it commits.

    The same object serves a replay, whose wishes are compared or dropped. `update`, when given, is told of every
    `update_case` at once, so that what the diagram asks next already sees the new value.
    """

    update: Callable[[str, Any], None] | None = None
    wishes: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, operator: str, parameters: dict[str, Any]) -> object:
        """Take one wish; raises ShouhouError naming what is missing or unknown."""
        if operator not in SERVICES:
            raise ShouhouError(_UNKNOWN_SERVICE.format(found=operator, known=", ".join(sorted(SERVICES))))
        wish: dict[str, Any] = getattr(self, f"_{operator}")(dict(parameters))
        self.wishes.append({"do": operator, **wish})
        return None

    def _notify(self, given: dict[str, Any]) -> dict[str, Any]:
        if "to" not in given:
            raise ShouhouError(_MISSING.format(operator="notify", name="to"))
        # Nobody to tell (no handler yet) must not stop the case: the outbox shows it as undeliverable.
        return {"to": given.pop("to"), "message": _needed("notify", given, "message"), "values": given}

    def _update_case(self, given: dict[str, Any]) -> dict[str, Any]:
        name, value = _needed("update_case", given, "field"), given.get("value")
        if name not in FIELDS:
            raise ShouhouError(_UNKNOWN_FIELD.format(found=name, known=", ".join(sorted(FIELDS))))
        if self.update is not None:
            self.update(name, value)
        return {"field": name, "value": value}

    def _open_case(self, given: dict[str, Any]) -> dict[str, Any]:
        process, reason = _needed("open_case", given, "process"), _needed("open_case", given, "reason")
        told = {"tell": given["tell"]} if given.get("tell") else {}
        return {"process": process, "reason": reason, "data": given.get("data") or {}, **told}

    def _open_cases(self, given: dict[str, Any]) -> dict[str, Any]:
        process, reason = _needed("open_cases", given, "process"), _needed("open_cases", given, "reason")
        return {"process": process, "reason": reason, "each": given.get("each") or []}

    def _announce(self, given: dict[str, Any]) -> dict[str, Any]:
        kind, title = _needed("announce", given, "kind"), _needed("announce", given, "title")
        return {"kind": kind, "title": title, **given}

    def _settle_bulletin(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"status": _needed("settle_bulletin", given, "status")}

    def _link_case(self, given: dict[str, Any]) -> dict[str, Any]:
        to, kind = _needed("link_case", given, "to"), _needed("link_case", given, "kind")
        return {"to": to, "kind": kind, "tell": given.get("tell")}

    def _tell_linked(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"element": _needed("tell_linked", given, "element"), "data": given.get("data") or {}}

    def _keep_out(self, given: dict[str, Any]) -> dict[str, Any]:
        person = given.get("person")
        if person and self.update is not None:
            self.update("kept_out", person)
        return {"person": person}

    def _schedule_case(self, given: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            name: _needed("schedule_case", given, name)
            for name in ("process", "subject", "months", "first_on")
        }
        return {**wanted, "until": given.get("until"), "data": given.get("data") or {}}

    def _record_repair(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: given.get(name) for name in ("serial", "began_on", "fault")}


def _needed(operator: str, given: dict[str, Any], name: str) -> Any:
    value = given.pop(name, None)
    if value in (None, ""):
        raise ShouhouError(_MISSING.format(operator=operator, name=name))
    return value


def _written(name: str, arguments: Iterable[object]) -> str:
    return f"{name}({', '.join(map(repr, arguments))})"


_NO_CALL = Text(zh="没有调用", en="no call")
_OTHER = Text(
    zh="重演与记录不符: 第 {number} 次调用应为 {expected}, 实际为 {found}; 请核对发布版本和历史记录。",
    en="The replay differs from the record: expected call {number} to be {expected}, found {found}; compare release and history.",
)
_UNASKED = Text(
    zh="重演与记录不符: 第 {number} 次调用 {found} 没有发生; 请核对发布版本和历史记录。",
    en="The replay differs from the record: expected call {number}, {found}, which was never made; compare release and history.",
)
_UNKNOWN_SERVICE = Text(
    zh="服务应为 {known} 之一, 实际为 {found}; 请修改流程图。",
    en="Expected a service among {known}, found {found}; correct the diagram.",
)
_UNKNOWN_FIELD = Text(
    zh="update_case 的字段应为 {known} 之一, 实际为 {found}; 请修改流程图。",
    en="Expected update_case to name a field among {known}, found {found}; correct the diagram.",
)
_MISSING = Text(
    zh="服务 {operator} 应有参数 {name}, 但它为空; 请修改流程图。",
    en="Expected the parameter {name} of the service {operator}, found nothing; correct the diagram.",
)

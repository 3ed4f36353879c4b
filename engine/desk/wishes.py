"""The services that a diagram may call: each call is a wish, carried out when the step commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

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

"""From a case to a knowledge article: what was reported, found and done, gathered from the case's own history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.acts.open_task import case_data
from engine.acts.visibility import require_visible
from engine.cases import Cases
from engine.cases.row import no_such_case
from engine.desk.registers import knowledge
from engine.foundation.models import Asset, Case
from engine.foundation.security import Actor

# Under which names forms keep what an article tells, the most telling first.
SYMPTOM = ("symptom", "description")
CAUSE = ("root_cause", "cause")
SOLUTION = ("measures", "solution", "work", "actions", "advice", "proposed_solution")
WORKAROUND = ("workaround",)
LEAST_WORDS = 3  # shorter values are choices, not sentences


def draft_from_case(cases: Cases, number: str, *, actor: Actor, now: datetime) -> UUID:
    """A draft article with what the case knows; its own article when it has one. Raises NotFound, Forbidden."""
    with cases.database.write() as tx:
        case = tx.execute(select(*_COLUMNS).where(Case.number == number)).one_or_none()
        if case is None:
            raise no_such_case(number)
        require_visible(case, actor)
        told = list(_told(case_data(tx, case.id))) + list(_told({"reported": case.facts or {}}))
        return knowledge.draft(
            tx,
            case_number=number,
            title=case.title,
            symptom=_first(told, SYMPTOM) or case.title,
            cause=_first(told, CAUSE),
            solution=_first(told, SOLUTION),
            workaround=_first(told, WORKAROUND),
            models=_models(tx, case),
            actor=actor,
            at=now,
        )


_COLUMNS = (Case.id, Case.number, Case.title, Case.facts, Case.asset_id, Case.kept_out)


def _told(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every sentence that somebody typed in the case, with the name of its field; the latest answers first."""
    for answers in reversed(list(data.values())):
        if isinstance(answers, Mapping):
            for name, value in answers.items():
                if isinstance(value, str) and len(value.strip()) >= LEAST_WORDS:
                    yield name, value.strip()


def _first(told: list[tuple[str, str]], names: tuple[str, ...]) -> str | None:
    return next((value for wanted in names for name, value in told if name == wanted), None)


def _models(tx: Connection, case: Any) -> list[str]:
    if case.asset_id is not None:
        return list(tx.scalars(select(Asset.model).where(Asset.id == case.asset_id)))
    written = (case.facts or {}).get("device_model") or (case.facts or {}).get("model")
    return [written] if isinstance(written, str) else []

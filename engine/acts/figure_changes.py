"""Corrections of published figures: recalculated, shown beside what was published, replaced after two signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from engine.acts.figure_definitions import definitions, known_library
from engine.acts.figure_labels import labels_of
from engine.acts.reports import began, facts_of
from engine.acts.visibility import kept_from
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.figures import FigureDefinition
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text
from engine.record import published
from engine.record.figures import Measured, measure
from engine.record.published import Change, Published

ROLES = {"quality_control": "quality", "vice_president": "vice_president"}
"""Whose signatures a change needs, and where each is kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A published figure that would come out otherwise now.

    `moved` are the cases that the reader may see, by how they counted and would count.
    """

    definition: FigureDefinition
    old: Published
    new: Measured
    moved: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change that waits, with what it would replace."""

    change: Change
    old: Published
    definition: FigureDefinition | None


def differences(cases: Cases, name: str, *, actor: Actor, now: datetime) -> tuple[Difference, ...]:
    """What a recalculation of a period would change of its published figures; nothing is written. Raises NotFound."""
    require(actor, "see_figures")
    period = began(cases, name, now=now)
    with cases.database.read() as tx:
        told, facts = published.newest(tx, period.name), facts_of(cases, tx, period, now)
        known = definitions(cases, tx)
        pairs = [
            (known[figure], old, measure(known[figure], facts))
            for figure, old in told.items()
            if figure in known
        ]
        closed = kept_from(tx, actor)
        return tuple(
            Difference(definition, old, new, tuple(m for m in moved(old.measured, new) if m[0] not in closed))
            for definition, old, new in pairs
            if not alike(old.measured, new) or old.version != definition.version
        )


def names(cases: Cases, *, actor: Actor) -> Mapping[str, Text]:
    """What the ids in figures are called today."""
    require(actor, "see_figures")
    with cases.database.read() as tx:
        return labels_of(tx, known_library(cases, tx))


def propose(cases: Cases, name: str, figure: str, *, reason: str, actor: Actor, now: datetime) -> UUID:
    """Recalculate one published figure and put the result before the signers.

    Raises Rejection without a reason or when nothing would change, Conflict when a change waits already, NotFound,
    Forbidden.
    """
    require(actor, "publish_figures")
    if not reason.strip():
        raise Rejection(Text(zh="请写明更正原因。", en="Expected a reason for the change; write one."))
    period = began(cases, name, now=now)
    try:
        with cases.database.write() as tx:
            old, known = published.newest(tx, period.name).get(figure), definitions(cases, tx)
            if old is None or figure not in known:
                raise NotFound(_NOT_PUBLISHED.format(figure=figure, period=name))
            new = measure(known[figure], facts_of(cases, tx, period, now))
            if alike(old.measured, new) and old.version == known[figure].version:
                raise Rejection(_NO_DIFFERENCE)
            return published.propose(
                tx,
                known[figure],
                new,
                old=old,
                release=releases.current(tx),
                reason=reason.strip()[:1000],
                at=now,
                actor=actor.id,
            )
    except IntegrityError as error:
        raise Conflict(_WAITS_ALREADY) from error


def waiting(cases: Cases, *, actor: Actor) -> tuple[OpenChange, ...]:
    """The changes that wait for signatures, oldest first."""
    require(actor, "see_figures")
    with cases.database.read() as tx:
        known: Mapping[str, FigureDefinition] = definitions(cases, tx)
        return tuple(
            OpenChange(change, old, known.get(change.figure))
            for change in published.waiting(tx)
            for old in published.revisions(tx, change.figure, change.period)
            if old.id == change.replaces
        )


def sign(cases: Cases, change_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Sign for quality control or as vice president; True when this was the second signature and the change counts.

    One person signs once, whatever groups they are in. Raises Forbidden, Conflict when it is settled or was overtaken
    by another revision, NotFound.
    """
    with cases.database.write() as tx:
        change = published.change_of(tx, change_id)
        label = f"{change.figure} {change.period}"
        require(actor, "sign_figures", Target(label=label, excluded=change.signers))
        role = _role(change, actor)
        published.sign(tx, change, role=role, at=now, actor=actor.id)
        change = published.change_of(tx, change_id)
        complete = change.quality_by is not None and change.vice_president_by is not None
        if complete:
            if published.newest(tx, change.period)[change.figure].id != change.replaces:
                raise Conflict(_OVERTAKEN)
            published.settle(tx, change, accepted=True, at=now, actor=actor.id)
    return complete


def reject(cases: Cases, change_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Turn a change down; the published figure stays. Raises Forbidden, Conflict when it is settled, NotFound."""
    with cases.database.write() as tx:
        change = published.change_of(tx, change_id)
        require(actor, "sign_figures", Target(label=f"{change.figure} {change.period}"))
        _require_open(change)
        published.settle(tx, change, accepted=False, at=now, actor=actor.id)


def alike(old: Measured, new: Measured) -> bool:
    """Whether two calculations came to the same, down to how each case counted."""
    return old.as_data() == new.as_data()


def moved(old: Measured, new: Measured) -> tuple[tuple[str, str | None, str | None], ...]:
    """The cases that would count otherwise: number, part before, part after; None where it was or is not counted."""
    before, after = ({m.case: m.part for m in one.members if m.case} for one in (old, new))
    numbers = sorted(before.keys() | after.keys())
    return tuple((n, before.get(n), after.get(n)) for n in numbers if before.get(n) != after.get(n))


def _role(change: Change, actor: Actor) -> str:
    _require_open(change)
    signed = {"quality": change.quality_by, "vice_president": change.vice_president_by}
    for group, role in ROLES.items():
        if signed[role] is None and (group in actor.groups or actor.is_system):
            return role
    raise Conflict(_SIGNED_ALREADY)


def _require_open(change: Change) -> None:
    if change.settled_at is not None:
        raise Conflict(Text(zh="这项更正已经办结。", en="This change is settled already."))


_NOT_PUBLISHED = Text(
    zh="{period} 的指标 {figure} 没有发布过, 不需要更正; 请先发布。",
    en="The figure {figure} of {period} was never published, so there is nothing to change; publish it first.",
)
_NO_DIFFERENCE = Text(
    zh="重新计算的结果与已发布的相同, 不需要更正。",
    en="The recalculation comes to what was published; there is nothing to change.",
)
_WAITS_ALREADY = Text(
    zh="这项指标已有一个更正等待签署; 请先办结它。",
    en="A change of this figure waits for signatures already; settle it first.",
)
_OVERTAKEN = Text(
    zh="这项指标在此期间已有新的修订, 这个更正不再适用; 请否决后重新计算。",
    en="The figure was revised in the meantime and this change does not fit any more; reject it and recalculate.",
)
_SIGNED_ALREADY = Text(
    zh="您所在岗位组的签署已经完成; 还需要另一岗位组的人员签署。",
    en="Your group has signed already; somebody of the other group has to sign.",
)

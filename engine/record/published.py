"""Published figures: written once, read again, replaced only by a new revision that says what it replaces and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from engine.foundation.errors import NotFound
from engine.foundation.figures import FigureDefinition
from engine.foundation.ids import new_id
from engine.foundation.models.publications import FigureChange, PublishedFigure
from engine.foundation.text import Text
from engine.record.figures.measured import Measured, from_data


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure; revision 1 is the first, later ones were signed by two people."""

    id: UUID
    figure: str
    period: str
    revision: int
    version: int
    release: int
    measured: Measured
    published_at: datetime
    published_by: str
    supersedes: UUID | None
    reason: str | None
    signed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A recalculation that waits for signatures, or was settled."""

    id: UUID
    figure: str
    period: str
    replaces: UUID
    version: int
    release: int
    measured: Measured
    reason: str
    proposed_at: datetime
    proposed_by: str
    quality_by: str | None
    quality_at: datetime | None
    vice_president_by: str | None
    vice_president_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None
    accepted: bool | None

    @property
    def signers(self) -> tuple[str, ...]:
        """Who has signed."""
        return tuple(person for person in (self.quality_by, self.vice_president_by) if person)


def publish(
    tx: Connection,
    definition: FigureDefinition,
    measured: Measured,
    *,
    period: str,
    release: int,
    at: datetime,
    actor: str,
) -> None:
    """Write the first revision of a figure. Raises IntegrityError when there is one already."""
    told = _told(definition.id, period, definition.version, release, measured)
    tx.execute(
        insert(PublishedFigure).values(**told, id=new_id(at), revision=1, published_at=at, published_by=actor)
    )


def newest(tx: Connection, period: str) -> dict[str, Published]:
    """What counts for a period now: the highest revision of each figure."""
    rows = tx.execute(_SELECT.where(PublishedFigure.period == period).order_by(PublishedFigure.revision))
    return {row.figure: _published(row) for row in rows}


def revisions(tx: Connection, figure: str, period: str) -> list[Published]:
    """Everything that was ever published of one figure and period, oldest first."""
    mine = (PublishedFigure.figure == figure, PublishedFigure.period == period)
    return [_published(row) for row in tx.execute(_SELECT.where(*mine).order_by(PublishedFigure.revision))]


def values(tx: Connection, periods: Iterable[str]) -> dict[tuple[str, str], float | None]:
    """The published values that count, by figure and period."""
    query = (
        select(PublishedFigure.figure, PublishedFigure.period, PublishedFigure.value)
        .where(PublishedFigure.period.in_(list(periods)))
        .order_by(PublishedFigure.revision)
    )
    return {(figure, period): value for figure, period, value in tx.execute(query).tuples()}


def periods(tx: Connection) -> set[str]:
    """Every period of which anything was published."""
    return set(tx.execute(select(PublishedFigure.period).distinct()).scalars())


def propose(
    tx: Connection,
    definition: FigureDefinition,
    measured: Measured,
    *,
    old: Published,
    release: int,
    reason: str,
    at: datetime,
    actor: str,
) -> UUID:
    """Write down a recalculation that is to replace `old`. Raises IntegrityError when one waits already."""
    told = _told(old.figure, old.period, definition.version, release, measured) | {"reason": reason}
    change = new_id(at)
    tx.execute(
        insert(FigureChange).values(**told, id=change, replaces=old.id, proposed_at=at, proposed_by=actor)
    )
    return change


def waiting(tx: Connection) -> list[Change]:
    """The recalculations that are not settled, oldest first."""
    query = select(FigureChange.__table__).where(FigureChange.settled_at.is_(None))
    return [_change(row) for row in tx.execute(query.order_by(FigureChange.proposed_at, FigureChange.id))]


def change_of(tx: Connection, change: UUID) -> Change:
    """One recalculation, locked for the rest of the transaction. Raises NotFound."""
    row = tx.execute(
        select(FigureChange.__table__).where(FigureChange.id == change).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(Text(zh="没有这项指标更正。", en="There is no such change of a figure."))
    return _change(row)


def sign(tx: Connection, change: Change, *, role: str, at: datetime, actor: str) -> None:
    """Note one signature; `role` is quality or vice_president."""
    signed = {f"{role}_by": actor, f"{role}_at": at}
    tx.execute(update(FigureChange).where(FigureChange.id == change.id).values(**signed))


def settle(tx: Connection, change: Change, *, accepted: bool, at: datetime, actor: str) -> None:
    """Close a recalculation; an accepted one becomes the next revision of its figure."""
    done = {"settled_at": at, "settled_by": actor, "accepted": accepted}
    tx.execute(update(FigureChange).where(FigureChange.id == change.id).values(**done))
    if accepted:
        told = _told(change.figure, change.period, change.version, change.release, change.measured)
        signed = {"quality_by": change.quality_by, "vice_president_by": change.vice_president_by}
        tx.execute(
            insert(PublishedFigure).values(
                **told,
                **signed,
                id=new_id(at),
                revision=_last_revision(tx, change) + 1,
                published_at=at,
                published_by=change.proposed_by,
                supersedes=change.replaces,
                reason=change.reason,
            )
        )


def _last_revision(tx: Connection, change: Change) -> int:
    mine = (PublishedFigure.figure == change.figure, PublishedFigure.period == change.period)
    return int(tx.execute(select(func.max(PublishedFigure.revision)).where(*mine)).scalar_one())


def _told(figure: str, period: str, version: int, release: int, measured: Measured) -> dict[str, Any]:
    return {
        "figure": figure,
        "period": period,
        "version": version,
        "release": release,
        "value": measured.value,
        "numerator": measured.numerator,
        "denominator": measured.denominator,
        "content": measured.as_data(),
    }


def _published(row: Any) -> Published:
    return Published(
        **_of(
            row, ("id", "figure", "period", "revision", "version", "release", "published_at", "published_by")
        ),
        **_of(row, ("supersedes", "reason")),
        measured=from_data(row.content),
        signed_by=tuple(person for person in (row.quality_by, row.vice_president_by) if person),
    )


def _change(row: Any) -> Change:
    names = [name for name in Change.__dataclass_fields__ if name != "measured"]
    return Change(**_of(row, names), measured=from_data(row.content))


def _of(row: Any, names: Iterable[str]) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in names}


_SELECT = select(PublishedFigure.__table__)

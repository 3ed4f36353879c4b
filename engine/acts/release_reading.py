"""The releases as people read them: which there are, who published each and why, and what each changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from engine.acts import release_words
from engine.acts.visibility import visible_to
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.models import Case, Person, Release, ReleaseFile
from engine.foundation.security import Actor, require
from engine.foundation.text import Text

TO_BE_CONFIRMED = "待公司确认"


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in the list: who published it, why, and how many cases run on it."""

    number: int
    at: datetime
    actor: str
    note: str
    digest: str
    files: int
    open_cases: int


def release_list(cases: Cases, *, actor: Actor) -> list[ReleaseLine]:
    """Every release, newest first. Raises Forbidden."""
    require(actor, "see_processes")
    with cases.database.read() as tx:
        return [
            ReleaseLine(
                number=row.number,
                at=row.at,
                actor=row.name or row.actor,
                note=row.note,
                digest=row.digest,
                files=row.files,
                open_cases=row.running,
            )
            for row in tx.execute(_release_rows(actor))
        ]


def _release_rows(actor: Actor) -> Any:
    files = select(func.count()).where(ReleaseFile.release == Release.number).scalar_subquery()
    theirs = (Case.release == Release.number, Case.ended_at.is_(None), visible_to(actor))
    running = select(func.count()).where(*theirs).scalar_subquery()
    columns = (Release.number, Release.at, Release.actor, Release.note, Release.digest, Person.name)
    return (
        select(*columns, files.label("files"), running.label("running"))
        .outerjoin(Person, Person.id == Release.actor)
        .order_by(Release.number.desc())
    )


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file from one release to the next; `lines` is a unified diff, `told` the same in words where there are any.

    `name` is what people call the file; files that did not change have none.
    """

    path: str
    change: Literal["added", "removed", "changed", "same"]
    name: Text = release_words.NOTHING
    told: tuple[Text, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """A release and how its files differ from those of an older one (`base`, None for the first)."""

    line: ReleaseLine
    base: int | None
    files: tuple[FileChange, ...]


def release_page(cases: Cases, number: int, *, actor: Actor, base: int | None = None) -> ReleasePage:
    """The files of a release with their changes since `base`, by default the release before. Raises NotFound."""
    line = next((r for r in release_list(cases, actor=actor) if r.number == number), None)
    if line is None:
        raise NotFound(_NO_SUCH.format(number=number))
    older = base if base is not None else number - 1 or None
    with cases.database.read() as tx:
        new = _contents(tx, number)
        old = _contents(tx, older) if older is not None else {}
    paths = sorted(new.keys() | old.keys())
    if older is None:
        return ReleasePage(line=line, base=None, files=tuple(FileChange(p, "added") for p in paths))
    return ReleasePage(line=line, base=older, files=tuple(_changed(p, old.get(p), new.get(p)) for p in paths))


def _contents(tx: Connection, number: int) -> dict[str, bytes]:
    return {file.path: file.content for file in releases.files_of(tx, number)}


def _changed(path: str, old: bytes | None, new: bytes | None) -> FileChange:
    if old == new:
        return FileChange(path=path, change="same")
    if old is None or new is None:
        name = release_words.called(path, old or new or b"")
        return FileChange(path=path, change="added" if old is None else "removed", name=name)
    lines = difflib.unified_diff(_lines(old), _lines(new), lineterm="", n=2)
    return FileChange(
        path=path,
        change="changed",
        name=release_words.called(path, new),
        told=release_words.changes(path, old, new),
        lines=tuple(lines)[2:],
    )


def _lines(content: bytes) -> list[str]:
    return content.decode(errors="replace").splitlines()


_NO_SUCH = Text(
    zh="没有发布版本 {number}。请从流程列表中选择。",
    en="There is no release {number}; choose one from the list of processes.",
)

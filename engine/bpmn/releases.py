"""Releases: immutable, numbered snapshots of every source file, each content stored once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from engine.bpmn.library import Library, SourceFile, read_library
from engine.foundation.database import Database
from engine.foundation.errors import NotFound
from engine.foundation.models import Content, Release, ReleaseFile
from engine.foundation.text import Text

KEPT_LIBRARIES = 16  # parsed releases held in memory; older ones are parsed again when a case needs them


def publish(tx: Connection, files: Sequence[SourceFile], *, actor: str, at: datetime, note: str) -> int:
    """Store `files` as the next release and return its number; the same files twice return the first number.

    The caller has checked the files: what is stored here is what cases will run on.
    """
    digest = digest_of(files)
    latest = tx.execute(
        select(Release.number, Release.digest).order_by(Release.number.desc()).limit(1)
    ).one_or_none()
    if latest is not None and latest.digest == digest:
        return int(latest.number)
    number = 1 if latest is None else latest.number + 1
    _store_contents(tx, files)
    tx.execute(
        insert(Release), [{"number": number, "at": at, "actor": actor, "note": note, "digest": digest}]
    )
    tx.execute(
        insert(ReleaseFile), [{"release": number, "path": f.path, "sha256": _sha(f.content)} for f in files]
    )
    return number


def current(tx: Connection) -> int:
    """The newest release; raises NotFound on an empty database."""
    number = tx.execute(select(func.max(Release.number))).scalar_one()
    if number is None:
        raise NotFound(
            Text(
                zh="还没有发布任何流程。请先运行 shouhou publish。",
                en="Expected a published release, but there is none; run shouhou publish first.",
            )
        )
    return int(number)


def files_of(tx: Connection, number: int) -> list[SourceFile]:
    """Every source file of a release, by path; raises NotFound."""
    rows = tx.execute(
        select(ReleaseFile.path, Content.body)
        .join(Content, Content.sha256 == ReleaseFile.sha256)
        .where(ReleaseFile.release == number)
        .order_by(ReleaseFile.path)
    ).all()
    if not rows:
        raise NotFound(Text(zh=f"没有第 {number} 号发布版本。", en=f"There is no release {number}."))
    return [SourceFile(path=row.path, content=row.body) for row in rows]


def content_of(tx: Connection, number: int, path: str) -> bytes | None:
    """One file of a release; None when the release has no such file."""
    query = select(Content.body).join(ReleaseFile, ReleaseFile.sha256 == Content.sha256)
    where = (ReleaseFile.release == number, ReleaseFile.path == path)
    return tx.execute(query.where(*where)).scalar_one_or_none()


def versions_of(tx: Connection, path: str) -> list[tuple[int, datetime, bytes]]:
    """Each different content that a file ever had, with the first release of each and its moment, oldest first."""
    query = (
        select(Release.number, Release.at, ReleaseFile.sha256, Content.body)
        .join(ReleaseFile, ReleaseFile.release == Release.number)
        .join(Content, Content.sha256 == ReleaseFile.sha256)
        .where(ReleaseFile.path == path)
        .order_by(Release.number)
    )
    first: dict[str, tuple[int, datetime, bytes]] = {}
    for number, at, sha, body in tx.execute(query).tuples():
        first.setdefault(sha, (number, at, body))
    return list(first.values())


def digest_of(files: Sequence[SourceFile]) -> str:
    """SHA-256 over paths and contents: equal releases have equal digests."""
    lines = sorted(f"{f.path} {_sha(f.content)}" for f in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class ReleaseCache:
    """Parsed releases, shared by every case and thread of the process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._libraries: OrderedDict[int, Library] = OrderedDict()
        self._guard = threading.Lock()

    def library(self, number: int, tx: Connection | None = None) -> Library:
        """The parsed files of a release; reads them once. Raises NotFound."""
        with self._guard:
            if number in self._libraries:
                self._libraries.move_to_end(number)
                return self._libraries[number]
        library = read_library(self._files(number, tx))
        with self._guard:
            self._libraries[number] = library
            while len(self._libraries) > KEPT_LIBRARIES:
                self._libraries.popitem(last=False)
        return library

    def _files(self, number: int, tx: Connection | None) -> list[SourceFile]:
        if tx is not None:
            return files_of(tx, number)
        with self._database.read() as reading:
            return files_of(reading, number)


def _store_contents(tx: Connection, files: Sequence[SourceFile]) -> None:
    contents = {_sha(f.content): f.content for f in files}
    known = set(tx.execute(select(Content.sha256).where(Content.sha256.in_(contents))).scalars())
    fresh = [{"sha256": sha, "body": body} for sha, body in contents.items() if sha not in known]
    if fresh:
        tx.execute(insert(Content), fresh)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

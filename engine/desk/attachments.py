"""Files of a case: only kinds that are known by their first bytes, within limits, kept under their SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.desk.pictures import is_picture, redrawn
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models.correspondence import Attachment, Blob
from engine.foundation.text import Text

LARGEST = 10 * 1024 * 1024  # bytes of one file
MOST_AT_ONCE = 6
MOST_OF_CASE = 100
MOST_FROM_OUTSIDE = 30  # of a case, by one sender outside the company
NAME_LENGTH = 120

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "text/plain": (".txt", ".log"),
}
"""The kinds that are taken, with the endings that their names may have; the first is added where none fits."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: the name is what the sender calls it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: its name is harmless, its kind is what its bytes say, a picture is nothing but picture."""

    name: str
    media_type: str
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a case without its bytes; `number` counts the files of the case, `added_by` is a person's id."""

    id: UUID
    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str


def checked(uploads: Sequence[Upload]) -> tuple[CheckedFile, ...]:
    """The files, if all of them may be kept. Raises Rejection that names the file and what is expected."""
    if len(uploads) > MOST_AT_ONCE:
        raise Rejection(_TOO_MANY_AT_ONCE.format(most=MOST_AT_ONCE, found=len(uploads)))
    return tuple(check(upload) for upload in uploads)


def check(upload: Upload) -> CheckedFile:
    """One file, if it may be kept. Raises Rejection."""
    shown = harmless(upload.name)
    if not upload.content:
        raise Rejection(_EMPTY.format(name=shown))
    if len(upload.content) > LARGEST:
        raise Rejection(_TOO_LARGE.format(name=shown, most=LARGEST // 1024 // 1024))
    media_type = kind_of(upload.content, name=shown)
    if media_type is None:
        raise Rejection(_UNKNOWN_KIND.format(name=shown))
    picture = is_picture(media_type)
    content = redrawn(upload.content, media_type, name=shown) if picture else upload.content
    return CheckedFile(_ended(shown, media_type), media_type, content, hashlib.sha256(content).hexdigest())


def keep(
    tx: Connection,
    keys: Mapping[str, Any],
    files: Iterable[CheckedFile],
    *,
    by: str,
    at: datetime,
    outside: bool = False,
) -> list[dict[str, Any]]:
    """Keep files with a locked case; returns what its history shall say of each. Raises Rejection when there are too many."""
    new = list(files)
    held = _require_room(tx, keys, len(new), by=by if outside else None)
    return [_keep(tx, keys, file, number=n, by=by, at=at) for n, file in enumerate(new, start=held + 1)]


def of_case(tx: Connection, case_id: UUID, *, by: Collection[str] | None = None) -> list[Kept]:
    """The files of a case, oldest first; only those that `by` added, where told."""
    table = Attachment
    query = select(
        table.id,
        table.number,
        table.name,
        table.media_type,
        table.size,
        table.sha256,
        table.added_at,
        table.added_by,
    ).where(table.shard_key == shard_key(case_id), table.case_id == case_id)
    if by is not None:
        query = query.where(table.added_by.in_(sorted(by)))
    return [Kept(*row) for row in tx.execute(query.order_by(table.number))]


def content_of(tx: Connection, case_id: UUID, id: UUID) -> tuple[Kept, bytes]:
    """One file of a case with its bytes. Raises NotFound."""
    found = next((kept for kept in of_case(tx, case_id) if kept.id == id), None)
    if found is None:
        raise NotFound(NO_SUCH_FILE)
    body = tx.execute(select(Blob.body).where(Blob.sha256 == found.sha256)).scalar_one()
    return found, body


def kind_of(content: bytes, *, name: str) -> str | None:
    """The media type that the first bytes tell; plain text also needs the ending of a text file."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    text = name.lower().endswith(ENDINGS["text/plain"]) and _is_plain_text(content)
    return "text/plain" if text else None


def harmless(name: str) -> str:
    """The last part of a file name without signs that control, reverse or hide; "file" when nothing is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    tidy = re.sub(r'[\s<>:"|?*]+', " ", unicodedata.normalize("NFC", kept)).strip(" .")
    if len(tidy) > NAME_LENGTH:
        ending = PurePosixPath(tidy).suffix[:8]
        tidy = (tidy[: NAME_LENGTH - len(ending)].strip(" .") + ending).strip(" .")
    return tidy or "file"


def _ended(name: str, media_type: str) -> str:
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else f"{name[: NAME_LENGTH - 5]}{endings[0]}"


def _is_plain_text(content: bytes) -> bool:
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in content):
        return False
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return not content.decode(charset).lstrip().startswith("<")  # mark-up is not plain text
        except UnicodeDecodeError:
            continue
    return False


def _require_room(tx: Connection, keys: Mapping[str, Any], more: int, *, by: str | None) -> int:
    """How many files the case has; `by` is a sender from outside, who gets less room than the case has."""
    query = select(func.count()).select_from(Attachment).filter_by(**keys)
    held = tx.execute(query).scalar_one()
    theirs = tx.execute(query.filter_by(added_by=by)).scalar_one() if by else 0
    if held + more > MOST_OF_CASE or theirs + (more if by else 0) > MOST_FROM_OUTSIDE:
        raise Rejection(_TOO_MANY_OF_CASE.format(most=MOST_FROM_OUTSIDE if by else MOST_OF_CASE))
    return held


def _keep(
    tx: Connection, keys: Mapping[str, Any], file: CheckedFile, *, number: int, by: str, at: datetime
) -> dict[str, Any]:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    blob = insert(Blob).values(sha256=file.sha256, body=file.content)
    tx.execute(blob.on_conflict_do_nothing(index_elements=["sha256"]))
    told = {
        "sha256": file.sha256,
        "name": file.name,
        "media_type": file.media_type,
        "size": len(file.content),
    }
    id = new_id(at)
    tx.execute(insert(Attachment).values(**keys, id=id, number=number, added_at=at, added_by=by, **told))
    return {"id": str(id), **told}


NO_SUCH_FILE = Text(
    zh="没有这个附件。请回到案例, 从附件列表打开。",
    en="There is no such attachment; go back to the case and open it from the list.",
)
_TOO_MANY_AT_ONCE = Text(
    zh="一次最多 {most} 个文件, 实际 {found} 个; 请分几次上传。",
    en="Expected at most {most} files at once, found {found}; send them in several turns.",
)
_TOO_MANY_OF_CASE = Text(
    zh="这个案例最多可存 {most} 个附件, 已经存满; 请只保留需要的, 或直接联系我们。",
    en="Expected at most {most} attachments for this case, and it is full; send only what is needed, or call us.",
)
_EMPTY = Text(zh="文件“{name}”是空的; 请重新选择。", en="The file “{name}” is empty; choose it again.")
_TOO_LARGE = Text(
    zh="文件“{name}”超过 {most} MB; 请缩小后再上传。",
    en="Expected at most {most} MB, but “{name}” is larger; make it smaller and send it again.",
)
_UNKNOWN_KIND = Text(
    zh="文件“{name}”应为照片(JPEG, PNG, WebP)、PDF 或纯文本(.txt), 按内容判断不是; 请换一个格式。",
    en="Expected a photo (JPEG, PNG, WebP), a PDF or plain text (.txt), but the content of “{name}” is something else; "
    "send it in one of these formats.",
)

"""The history of a case: one row per command, each hashed over the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, insert, select

from engine.foundation.columns import EPOCH
from engine.foundation.ids import shard_key
from engine.foundation.models import Event
from engine.record.lean import lean, whole

GENESIS = bytes(32)  # what the first event of a case is hashed over
EVENT_MARK = b"\x02"  # keeps event hashes apart from the leaves and nodes of checkpoints

_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_TABLE = cast(Table, Event.__table__)
_INSERT = insert(_TABLE)


class EventRow(NamedTuple):
    """One recorded command; `at` is UTC, `data` the canonical JSON exactly as hashed."""

    shard_key: int
    case_id: UUID
    seq: int
    kind: str
    process: str | None
    element: str | None
    task_id: UUID | None
    actor: str
    at: datetime
    release: int
    data: str
    key: str | None
    prev_hash: bytes
    hash: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The parsed data: input, path, results, wishes, changed case columns."""
        return whole(json.loads(self.data))


_COLUMNS = tuple(_TABLE.c[name] for name in EventRow._fields)
_OF_CASE = (
    select(*_COLUMNS)
    .where(_TABLE.c.shard_key == bindparam("of_shard"), _TABLE.c.case_id == bindparam("of_case"))
    .order_by(_TABLE.c.seq)
)


def canonical(data: object) -> str:
    """JSON with sorted keys and no spaces; raises TypeError or ValueError for what is not JSON."""
    return _ENCODER.encode(data)


def append(
    tx: Connection,
    *,
    case_id: UUID,
    release: int,
    head_seq: int,
    head_hash: bytes,
    kind: str,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    process: str | None = None,
    element: str | None = None,
    task_id: UUID | None = None,
    key: str | None = None,
) -> EventRow:
    """Write the next event of a locked case; the caller stores `seq` and `hash` as its new head."""
    row = EventRow(
        shard_key(case_id),
        case_id,
        head_seq + 1,
        kind,
        process,
        element,
        task_id,
        actor,
        at,
        release,
        canonical(lean(data)),
        key,
        head_hash,
        b"",
    )
    row = row._replace(hash=chain(head_hash, row))
    tx.execute(_INSERT, row._asdict())
    return row


def chain(prev_hash: bytes, row: EventRow) -> bytes:
    """The SHA-256 of an event over its predecessor's: every column takes part, as canonical JSON."""
    return hashlib.sha256(b"".join((EVENT_MARK, prev_hash, _as_hashed(row).encode()))).digest()


def of_case(tx: Connection, case_id: UUID) -> list[EventRow]:
    """All events of a case in order; empty when there is no such case."""
    bound = {"of_shard": shard_key(case_id), "of_case": case_id}
    return [EventRow._make(row) for row in tx.execute(_OF_CASE, bound)]


def check_chain(rows: Iterable[EventRow], *, head_seq: int, head_hash: bytes) -> int | None:
    """The first number that does not fit its predecessor or the case's head; None when all is whole."""
    seq, head, case_id = 0, GENESIS, None
    for row in rows:
        seq += 1
        case_id = case_id or row.case_id
        if row.seq != seq or row.case_id != case_id or not _follows(row, head):
            return seq
        head = row.hash
    if seq != head_seq:
        return min(seq, head_seq) + 1
    return None if head == head_hash else max(seq, 1)


def _follows(row: EventRow, head: bytes) -> bool:
    return row.prev_hash == head and row.hash == chain(head, row)


def _as_hashed(row: EventRow) -> str:
    # Keys in sorted order and `data` as it stands: canonical JSON without encoding the data a second time.
    return (
        f'{{"actor":{quoted(row.actor)},"at":{(row.at - EPOCH) // _MICROSECOND},'
        f'"case_id":"{row.case_id.hex}",'
        f'"data":{row.data},"element":{_or_null(row.element)},"key":{_or_null(row.key)},'
        f'"kind":{quoted(row.kind)},"process":{_or_null(row.process)},"release":{row.release},'
        f'"seq":{row.seq},"shard_key":{row.shard_key},'
        f'"task_id":{"null" if row.task_id is None else quoted(row.task_id.hex)}}}'
    )


def _or_null(word: str | None) -> str:
    return "null" if word is None else quoted(word)

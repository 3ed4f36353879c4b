"""Signed checkpoints over all histories: they catch a cut tail, a full rewrite, a vanished case.

A checkpoint holds the head of every case that moved since the one before, the Merkle root over the heads
of all cases, and an Ed25519 signature. It is kept in the database and in a file outside; the file is the one to be trusted.
A rewrite of what came after the newest checkpoint cannot be told from the truth, so they are taken often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, func, insert, select

from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Checkpoint, Event, Release
from engine.foundation.text import Text, same
from engine.record.history import canonical
from engine.record.keys import key_id
from engine.record.seals import Finding, Head, Seal, check_seals, fold, packed, root_over


def take(tx: Connection, *, at: datetime, key: Ed25519PrivateKey) -> Seal:
    """Seal the present state of every history; the caller commits, then writes the seal outside."""
    earlier = read(tx)
    before, now = fold(earlier), _heads_now(tx)
    release = tx.execute(select(func.coalesce(func.max(Release.number), 0))).scalar_one()
    unsigned = Seal(
        number=len(earlier) + 1,
        at=at,
        cases=len(now),
        events=sum(head.seq for head in now.values()),
        root=root_over(now),
        release=release,
        releases=_releases(tx, release),
        moved=packed({case: head for case, head in now.items() if before.get(case) != head}),
        previous=earlier[-1].hash if earlier else bytes(32),
        key_id=key_id(key.public_key()),
        signature=b"",
    )
    seal = replace(unsigned, signature=key.sign(unsigned.body))
    tx.execute(insert(Checkpoint), [{name: getattr(seal, name) for name in Seal.__slots__}])
    return seal


def read(tx: Connection) -> list[Seal]:
    """The checkpoints that the database holds, oldest first."""
    columns = [Checkpoint.__table__.c[name] for name in Seal.__slots__]
    return [Seal(*row) for row in tx.execute(select(*columns).order_by(Checkpoint.number))]


def newest_at(tx: Connection) -> datetime | None:
    """When the newest checkpoint was taken, UTC."""
    return tx.execute(select(Checkpoint.at).order_by(Checkpoint.number.desc()).limit(1)).scalar_one_or_none()


def verify(tx: Connection, outside: Sequence[Seal], *, public_key: Ed25519PublicKey) -> list[Finding]:
    """Everything in the database that contradicts the checkpoints kept outside; empty when all is whole.

    The chain of each case is the matter of `history.check_chain`: both together find every kind of tampering.
    """
    findings = check_seals(outside, public_key=public_key)
    if read(tx)[: len(outside)] != list(outside):
        findings.append(
            Finding(
                Text(
                    zh="数据库中的检查点与库外保存的不一致。",
                    en="The checkpoints in the database differ from those kept outside.",
                )
            )
        )
    if outside and outside[-1].releases != _releases(tx, outside[-1].release):
        findings.append(
            Finding(
                Text(
                    zh="已发布版本的清单与检查点不一致。",
                    en="The list of published releases differs from the checkpoint.",
                )
            )
        )
    return findings + [
        finding for case, head in fold(outside).items() for finding in _missing(tx, case, head)
    ]


def _missing(tx: Connection, case: UUID, head: Head) -> Iterator[Finding]:
    shard = shard_key(case)
    kept = tx.execute(
        select(Event.hash).where(Event.shard_key == shard, Event.case_id == case, Event.seq == head.seq)
    ).scalar_one_or_none()
    row = tx.execute(
        select(Case.number, Case.head_seq).where(Case.shard_key == shard, Case.id == case)
    ).one_or_none()
    name = same(str(case)) if row is None else same(row.number)
    if row is None:
        sentence = Text(zh="案例 {name} 已被删除。", en="Case {name} was deleted.")
    elif kept is None or row.head_seq < head.seq:
        sentence = Text(
            zh="案例 {name} 的历史被截断: 第 {seq} 条不见了。",
            en="The history of case {name} was cut: event {seq} is gone.",
        )
    elif kept != head.hash:
        sentence = Text(
            zh="案例 {name} 的历史被改写: 第 {seq} 条与检查点不符。",
            en="The history of case {name} was rewritten: event {seq} differs from the checkpoint.",
        )
    else:
        return
    yield Finding(sentence.format(name=name, seq=head.seq), case_id=case, seq=head.seq)


def _heads_now(tx: Connection) -> dict[UUID, Head]:
    rows = tx.execute(select(Case.id, Case.head_seq, Case.head_hash))
    return {row.id: Head(row.head_seq, row.head_hash) for row in rows}


def _releases(tx: Connection, until: int) -> bytes:
    query = select(Release.number, Release.digest).where(Release.number <= until).order_by(Release.number)
    return hashlib.sha256(canonical([list(row) for row in tx.execute(query)]).encode()).digest()

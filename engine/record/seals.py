"""A checkpoint as a thing of its own: what is signed, how a file outside keeps it, when a row of them is sound."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text
from engine.record.history import canonical
from engine.record.keys import key_id
from engine.record.merkle import root_of

_HEAD = struct.Struct(">16sI32s")


class Head(NamedTuple):
    """How far a case had got: the number and the hash of its last event."""

    seq: int
    hash: bytes


Heads = Mapping[UUID, Head]


@dataclass(frozen=True, slots=True)
class Seal:
    """One checkpoint; `moved` packs the heads of the cases that moved since the previous one. `at` is UTC.

    `releases` is the digest of all releases up to number `release`.
    """

    number: int
    at: datetime
    cases: int
    events: int
    root: bytes
    release: int
    releases: bytes
    moved: bytes
    previous: bytes
    key_id: str
    signature: bytes

    @property
    def body(self) -> bytes:
        """What is signed: everything but the signature, as canonical JSON."""
        return canonical(
            {
                "number": self.number,
                "at": self.at.isoformat(),
                "cases": self.cases,
                "events": self.events,
                "root": self.root.hex(),
                "release": self.release,
                "releases": self.releases.hex(),
                "moved": hashlib.sha256(self.moved).hexdigest(),
                "previous": self.previous.hex(),
                "key_id": self.key_id,
            }
        ).encode()

    @property
    def hash(self) -> bytes:
        """What the next checkpoint names as its predecessor."""
        return hashlib.sha256(self.body + self.signature).digest()

    @property
    def heads(self) -> dict[UUID, Head]:
        """The heads that moved."""
        return {UUID(bytes=case): Head(seq, head) for case, seq, head in _HEAD.iter_unpack(self.moved)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One trace of tampering; `case_id` and `seq` name the place where there is one."""

    text: Text
    case_id: UUID | None = None
    seq: int | None = None


def fold(seals: Iterable[Seal]) -> dict[UUID, Head]:
    """The newest sealed head of every case."""
    heads: dict[UUID, Head] = {}
    for seal in seals:
        heads |= seal.heads
    return heads


def root_over(heads: Heads) -> bytes:
    """The Merkle root over all heads, by case id."""
    return root_of([_HEAD.pack(case.bytes, *heads[case]) for case in sorted(heads)])


def packed(heads: Heads) -> bytes:
    """Heads as 52 bytes each, by case id."""
    return b"".join(_HEAD.pack(case.bytes, *heads[case]) for case in sorted(heads))


def check_seals(seals: Sequence[Seal], *, public_key: Ed25519PublicKey) -> list[Finding]:
    """What is wrong with the checkpoints themselves: signature, order, root."""
    findings, heads, previous = [], dict[UUID, Head](), bytes(32)
    for number, seal in enumerate(seals, start=1):
        heads |= seal.heads
        if seal.number != number or seal.previous != previous or not _signed(seal, public_key):
            findings.append(_broken_seal(number, "签名或次序", "signature or order"))
        elif seal.root != root_over(heads) or seal.cases != len(heads):
            findings.append(_broken_seal(number, "根哈希", "root"))
        previous = seal.hash
    return findings


def _broken_seal(number: int, zh: str, en: str) -> Finding:
    return Finding(
        Text(zh=f"第 {number} 个检查点的{zh}不正确。", en=f"The {en} of checkpoint {number} is wrong.")
    )


def _signed(seal: Seal, public_key: Ed25519PublicKey) -> bool:
    try:
        public_key.verify(seal.signature, seal.body)
    except InvalidSignature:
        return False
    return seal.key_id == key_id(public_key)


def write_outside(path: Path, seal: Seal) -> None:
    """Append a checkpoint to the file outside, forced to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(canonical(_as_json(seal)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_outside(path: Path) -> list[Seal]:
    """The checkpoints of the file outside, oldest first; raises ShouhouError naming an unreadable line."""
    if not path.exists():
        return []
    return list(_seals(path))


def catch_up_outside(path: Path, seals: Sequence[Seal]) -> int:
    """Write the checkpoints that the file lacks (after a crash between commit and file); returns how many."""
    missing = seals[len(read_outside(path)) :]
    for seal in missing:
        write_outside(path, seal)
    return len(missing)


def _seals(path: Path) -> Iterator[Seal]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise ShouhouError(
                Text(
                    zh=f"检查点文件 {path} 第 {number} 行无法读取; 请从备份中恢复该文件。",
                    en=f"Expected a checkpoint in line {number} of {path}, but it cannot be read; "
                    "restore the file from a backup.",
                )
            ) from error


def _as_json(seal: Seal) -> dict[str, object]:
    values = {name: getattr(seal, name) for name in Seal.__slots__}
    return {name: _word(value) for name, value in values.items()}


def _word(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(line: Mapping[str, str | int]) -> Seal:
    packed = {
        name: bytes.fromhex(str(line[name]))
        for name in ("root", "releases", "moved", "previous", "signature")
    }
    return Seal(
        number=int(line["number"]),
        at=datetime.fromisoformat(str(line["at"])),
        cases=int(line["cases"]),
        events=int(line["events"]),
        release=int(line["release"]),
        key_id=str(line["key_id"]),
        **packed,
    )

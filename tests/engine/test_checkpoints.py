"""A signed checkpoint kept outside speaks even when the database has been changed by somebody who may do anything to it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from engine.foundation.database import Database
from engine.foundation.errors import ShouhouError
from engine.foundation.models import Checkpoint, Release
from engine.record import checkpoints, history, keys, merkle, seals
from engine.record.seals import Seal
from tests.conftest import Clock
from tests.engine import histories

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()


@pytest.fixture
def sealed(database: Database, clock: Clock) -> list[Seal]:
    """Three checkpoints over a growing set of cases."""
    taken = []
    first = histories.write_case(database, number="SH-2026-000001", events=3, at=clock.now)
    for hour in range(3):
        with database.write() as tx:
            if hour == 1:
                histories.grow(tx, first, at=clock.now)
            taken.append(checkpoints.take(tx, at=clock.now, key=KEY))
        clock.advance(hours=1)
        histories.write_case(database, number=f"SH-2026-00010{hour}", events=2, at=clock.now)
    return taken


def test_a_checkpoint_keeps_only_the_cases_that_moved(sealed: list[Seal]) -> None:
    assert [len(seal.heads) for seal in sealed] == [1, 2, 1]
    assert [(seal.cases, seal.events) for seal in sealed] == [(1, 3), (2, 6), (3, 8)]


def test_untouched_checkpoints_agree_with_the_database(database: Database, sealed: list[Seal]) -> None:
    with database.read() as tx:
        assert checkpoints.verify(tx, sealed, public_key=PUBLIC) == []


def test_cases_may_go_on_after_a_checkpoint(database: Database, sealed: list[Seal], clock: Clock) -> None:
    with database.write() as tx:
        for case in seals.fold(sealed):
            histories.grow(tx, case, at=clock.now)
        assert checkpoints.verify(tx, sealed, public_key=PUBLIC) == []


def test_the_file_outside_gives_the_same_checkpoints_back(sealed: list[Seal], tmp_path: Path) -> None:
    for seal in sealed:
        seals.write_outside(tmp_path / "audit" / "checkpoints.jsonl", seal)
    assert seals.read_outside(tmp_path / "audit" / "checkpoints.jsonl") == sealed


def test_a_file_that_a_crash_left_behind_is_brought_up_to_date(sealed: list[Seal], tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    seals.write_outside(file, sealed[0])
    assert seals.catch_up_outside(file, sealed) == 2
    assert seals.read_outside(file) == sealed


def test_a_damaged_file_is_refused_with_its_line(sealed: list[Seal], tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    seals.write_outside(file, sealed[0])
    file.write_text(file.read_text() + "{}\n")
    with pytest.raises(ShouhouError, match="line 2"):
        seals.read_outside(file)


@pytest.mark.parametrize(
    "forge",
    [
        lambda s: [s[0], replace(s[1], events=5), s[2]],
        lambda s: [s[0], replace(s[1], root=bytes(32)), s[2]],
        lambda s: [s[0], replace(s[1], moved=b""), s[2]],
        lambda s: [s[0], s[2]],
        lambda s: [s[1], s[0], s[2]],
        lambda s: [replace(s[0], signature=s[1].signature), *s[1:]],
        lambda s: [s[0], s[0], s[1], s[2]],
    ],
)
def test_a_forged_row_of_checkpoints_is_found(sealed: list[Seal], forge: object) -> None:
    assert callable(forge)
    assert seals.check_seals(forge(list(sealed)), public_key=PUBLIC) != []


def test_a_wrong_root_is_found_even_under_a_valid_signature(sealed: list[Seal]) -> None:
    unsigned = replace(sealed[0], root=bytes(32))
    forged = replace(unsigned, signature=KEY.sign(unsigned.body))
    findings = seals.check_seals([forged], public_key=PUBLIC)
    assert "root" in findings[0].text.en


def test_checkpoints_signed_with_another_key_are_refused(sealed: list[Seal]) -> None:
    stranger = Ed25519PrivateKey.generate().public_key()
    assert len(seals.check_seals(sealed, public_key=stranger)) == 3


def test_checkpoints_removed_from_the_database_are_missed(database: Database, sealed: list[Seal]) -> None:
    with database.write() as tx:
        histories.disarm(tx)
        tx.execute(delete(Checkpoint).where(Checkpoint.number == 3))
        findings = checkpoints.verify(tx, sealed, public_key=PUBLIC)
    assert [f.text.en for f in findings] == [
        "The checkpoints in the database differ from those kept outside."
    ]


def test_a_cut_history_is_named_by_its_case(database: Database, sealed: list[Seal]) -> None:
    case = next(iter(sealed[0].heads))
    with database.write() as tx:
        histories.disarm(tx)
        tx.exec_driver_sql("DELETE FROM event WHERE seq = 4")
        row = history.of_case(tx, case)[-1]
        histories.set_head(tx, case, row.seq, row.hash)
        (finding,) = checkpoints.verify(tx, sealed, public_key=PUBLIC)
    assert (finding.case_id, finding.seq) == (case, 4)
    assert "SH-2026-000001" in finding.text.en and "SH-2026-000001" in finding.text.zh


def test_a_release_swapped_after_its_sealing_is_found(database: Database, clock: Clock) -> None:
    release = {"number": 1, "at": clock.now, "actor": "xie_liu", "note": "", "digest": "a" * 64}
    with database.write() as tx:
        tx.execute(insert(Release), [release])
        sealed = [checkpoints.take(tx, at=clock.now, key=KEY)]
        tx.execute(insert(Release), [release | {"number": 2}])
        assert checkpoints.verify(tx, sealed, public_key=PUBLIC) == []
        tx.execute(update(Release).where(Release.number == 1).values(digest="b" * 64))
        assert len(checkpoints.verify(tx, sealed, public_key=PUBLIC)) == 1


def test_a_checkpoint_cannot_be_changed_through_the_application(
    database: Database, sealed: list[Seal]
) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.execute(update(Checkpoint).values(cases=0))


def test_the_private_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "audit.pem"
    made = keys.signing_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert keys.key_id(keys.signing_key(path).public_key()) == keys.key_id(made.public_key())
    assert keys.key_id(keys.public_key(path.with_suffix(".pub"))) == keys.key_id(made.public_key())


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 7, 8, 13])
def test_the_merkle_root_is_that_of_rfc_9162(number: int) -> None:
    leaves = [bytes([n]) for n in range(number)]
    assert merkle.root_of(leaves) == _by_the_book(leaves)


def _by_the_book(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _by_the_book(leaves[:split]) + _by_the_book(leaves[split:])).digest()


def test_every_leaf_decides_the_root() -> None:
    leaves = [bytes([n]) for n in range(11)]
    roots = {merkle.root_of([*leaves[:n], b"x", *leaves[n + 1 :]]) for n in range(11)}
    assert len(roots | {merkle.root_of(leaves)}) == 12

"""An installation seals its histories by the hour, and a later change contradicts the file outside."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engine.acts import sealing
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.errors import NotFound
from engine.foundation.settings import Settings
from engine.record import checkpoints, keys, seals
from tests.conftest import Clock
from tests.engine import histories


def test_a_seal_is_taken_once_an_hour_however_often_it_is_asked_for(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    cases = Cases(database)
    taken = [
        sealing.seal_if_due(cases, folder=tmp_path, at=clock.advance(minutes=minutes))
        for minutes in (0, 10, 30, 20)
    ]
    assert [seal is not None for seal in taken] == [True, False, False, True]
    assert len(seals.read_outside(tmp_path / sealing.SEALS_FILE)) == 2


def test_a_file_that_missed_a_seal_gets_it_with_the_next(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    cases = Cases(database)
    sealing.seal(cases, folder=tmp_path, at=clock.now)
    file = tmp_path / sealing.SEALS_FILE
    file.unlink()
    sealing.seal(cases, folder=tmp_path, at=clock.advance(hours=1))
    with database.read() as tx:
        assert seals.read_outside(file) == checkpoints.read(tx)


def test_a_rewritten_history_contradicts_the_folder(database: Database, clock: Clock, tmp_path: Path) -> None:
    case = histories.write_case(database, number="SH-2026-000001", events=3, at=clock.now)
    cases = Cases(database)
    sealing.seal(cases, folder=tmp_path, at=clock.now + timedelta(minutes=5))
    assert sealing.contradictions(cases, folder=tmp_path) == []
    with database.write() as tx:
        histories.disarm(tx)
        tx.exec_driver_sql("DELETE FROM event WHERE seq = 3")
    (finding,) = sealing.contradictions(cases, folder=tmp_path)
    assert (finding.case_id, finding.seq) == (case, 3)


def test_an_installation_compares_itself_with_its_own_folder(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    cases = Cases(database, Settings(audit_folder=str(tmp_path)))
    histories.write_case(database, number="SH-2026-000001", events=3, at=clock.now)
    assert sealing.standing(cases) == []
    sealing.seal(cases, folder=sealing.own_folder(cases), at=clock.advance(hours=1))
    assert sealing.standing(cases) == []
    with database.write() as tx:
        histories.disarm(tx)
        tx.exec_driver_sql("DELETE FROM event")
    assert len(sealing.standing(cases)) == 1


def test_a_folder_without_seals_is_refused(database: Database, clock: Clock, tmp_path: Path) -> None:
    keys.signing_key(tmp_path / sealing.KEY_FILE)
    with pytest.raises(NotFound, match="Expected checkpoints"):
        sealing.contradictions(Cases(database), folder=tmp_path)

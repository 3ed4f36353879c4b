"""Killing servers loses nothing and doubles nothing; and the referee would have noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storm.company import STARRED
from tests.storm.field import Weather, storm

pytestmark = pytest.mark.storm


LEAST = 25  # acts that a storm is worth judging by, on a slow machine too


def test_no_act_is_lost_or_doubled_when_servers_are_killed(database_url: str, tmp_path: Path) -> None:
    servers = 1 if database_url.startswith("sqlite") else 2
    weather = Weather(12, servers, clients=6, calm=(3, 5), left=24, least=LEAST, through=STARRED)
    verdict = storm(database_url, tmp_path, weather)
    print("\n".join(verdict.lines))
    assert verdict.violations == []
    assert verdict.servers.kills >= 1
    assert verdict.fires > 5
    assert verdict.reach.processes >= set(STARRED), "a storm beside the procedures that matter most"
    assert len(verdict.reach.processes) >= len(STARRED) + 3
    assert len(verdict.log.done) >= LEAST
    assert verdict.log.refused, "tasks were not raced for"


def test_the_referee_notices_broken_promises(sqlite_url: str, tmp_path: Path) -> None:
    sabotage = ("keys", "amnesia", "haste")
    weather = Weather(6, clients=6, calm=(60, 61), sabotage=sabotage, left=24, least=3 * LEAST)
    verdict = storm(sqlite_url, tmp_path, weather)
    assert {"I1", "I2", "I3"} <= verdict.broken, verdict.lines

"""Killing servers loses nothing and doubles nothing; and the referee would have noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storm.field import Weather, storm

pytestmark = pytest.mark.storm


def test_no_act_is_lost_or_doubled_when_servers_are_killed(database_url: str, tmp_path: Path) -> None:
    servers = 1 if database_url.startswith("sqlite") else 2
    verdict = storm(database_url, tmp_path, Weather(seconds=12, servers=servers, calm=(1, 2)))
    print("\n".join(verdict.lines))
    assert verdict.violations == []
    assert verdict.servers.kills >= 1  # more than five on an idle machine
    assert verdict.fires > 5
    assert len(verdict.log.done) > 15
    assert verdict.log.counts["complete 409"] > 2, "tasks were not raced for"


def test_the_referee_notices_broken_promises(sqlite_url: str, tmp_path: Path) -> None:
    weather = Weather(seconds=6, calm=(60, 61), sabotage=("keys", "amnesia", "haste"))
    verdict = storm(sqlite_url, tmp_path, weather)
    assert {"I1", "I2", "I3"} <= verdict.broken, verdict.lines

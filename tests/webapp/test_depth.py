"""The three acts that everybody reads first stay short: which files lie between an address and the diagrams."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from engine.acts.timers import fire_due
from engine.bpmn.runtime import Run
from engine.foundation.settings import source_folder
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, Desk

ROOT = source_folder()
Way = list[str]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[Way]:
    """The files that were on the way each time when a diagram was moved, the outermost first."""
    found: list[Way] = []
    for name in ("complete", "fire"):
        monkeypatch.setattr(Run, name, _watched(getattr(Run, name), found))
    return found


def _watched(act: Any, found: list[Way]) -> Any:
    def watched(*words: Any, **names: Any) -> Any:
        found.append(_files())
        return act(*words, **names)

    return watched


def _files() -> Way:
    frame, files = sys._getframe(2), []
    while frame is not None:
        files.append(Path(frame.f_code.co_filename))
        frame = frame.f_back  # type: ignore[assignment]
    ours = [str(f.relative_to(ROOT)) for f in files if f.is_relative_to(ROOT) and ".venv" not in f.parts]
    return [file for file in reversed(list(dict.fromkeys(ours))) if not file.startswith("tests")]


def test_a_task_is_completed_a_deadline_fires_and_an_auditor_replays_through_few_files(
    web: Web, ways: list[Way]
) -> None:
    desk = Desk(web)
    number = desk.report()
    desk.web.as_("he_jie").post(desk.url(number), {"revision": "1", **FAULT})
    assert ways.pop() == ["webapp/tasks.py", "engine/acts/worklist.py", "engine/cases/step.py"]
    desk.report()
    assert fire_due(desk.cases, now=desk.web.clock.advance(hours=1)) > 0
    assert ways.pop() == ["engine/acts/timers.py", "engine/cases/door.py", "engine/cases/step.py"]
    desk.web.as_("guan_li").get(f"/cases/{number}/verification")
    assert ways.pop() == ["webapp/cases.py", "engine/acts/audit.py", "engine/acts/replay.py"]

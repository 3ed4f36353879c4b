"""A trial of the files in a process of its own, which can be stopped: some diagrams make the library run for ever."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import engine
from engine.bpmn.library import SourceFile
from engine.foundation.errors import Problem
from engine.foundation.text import Text

SECONDS = 20.0
"""How long a trial may take before it is stopped; all processes of a release need about one second."""
_MODULE = "engine.bpmn.rules.dry_run"


def try_out(files: Sequence[SourceFile], *, seconds: float = SECONDS) -> list[Problem]:
    """Builds every process, and starts those that people start, with empty answers. The files pass all other rules."""
    needed = (file for file in files if file.path.startswith("processes/"))
    wanted = json.dumps([[file.path, base64.b64encode(file.content).decode()] for file in needed])
    try:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE],
            input=wanted.encode(),
            capture_output=True,
            timeout=seconds,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        return [_problem("trial-timeout", _TIMEOUT.format(seconds=round(seconds)))]
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        return [_problem("trial-crashed", _CRASHED.format(reason=reason[0]))]
    return [
        Problem(file=file, element=element, rule=rule, text=Text(zh=zh, en=en))
        for file, element, rule, zh, en in json.loads(done.stdout)
    ]


def _environment() -> dict[str, str]:
    """The child finds the same packages, and nothing of the server's secrets."""
    paths = [str(Path(engine.__file__).parent.parent), *sys.path]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONIOENCODING": "utf-8",
    }


def _problem(rule: str, text: Text) -> Problem:
    return Problem(file="processes", element="-", rule=rule, text=text)


_TIMEOUT = Text(
    zh="试运行应在 {seconds} 秒内完成, 但没有; 请检查流程中是否有不停循环的部分。",
    en="Expected the trial to finish within {seconds} seconds, found it still running; look for a part that runs in circles.",
)
_CRASHED = Text(
    zh="试运行应能完成, 但中断了({reason}); 请检查最近修改的流程。",
    en="Expected the trial to finish, found that it broke off ({reason}); look at the diagram changed last.",
)

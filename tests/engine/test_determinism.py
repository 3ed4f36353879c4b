"""The same commands at the same times make the same bytes: again, in another process, and beside another thread."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from engine.bpmn.library import Library, read_library
from tests.engine.diagrams import Case
from tests.engine.random_processes import Maker
from tests.engine.test_equivalence import act

ROOT = Path(__file__).parents[2]


def fingerprint(seed: int, *, case: int = 1, pause: threading.Barrier | None = None) -> str:
    """A hash over the path and the state after every command of a random case."""
    made = Maker(seed).make()
    running = Case(library=read_library(made.files), process="p", case_id=UUID(int=case))
    random, digest = Random(seed), hashlib.sha256()
    for _ in range(25):
        digest.update(running.run.dump() + repr(running.path).encode())
        choices = made.model.waiting()
        if choices:
            what, number = random.choice(choices), random.randrange(6)
            made.model.happen(what, number)
            act(running, what, number, nth=0)
        if pause is not None:
            pause.wait(timeout=30)
    return digest.hexdigest()


@pytest.mark.parametrize("seed", range(10))
def test_running_a_case_again_gives_the_same_bytes(seed: int) -> None:
    assert fingerprint(seed) == fingerprint(seed)


def test_the_bytes_do_not_depend_on_the_process_or_its_hash_seed() -> None:
    code = "from tests.engine.test_determinism import fingerprint; print([fingerprint(s) for s in range(6)])"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed, zone in (("0", "UTC"), ("1", "Asia/Shanghai"))
    }  # fmt: skip
    assert printed == {repr([fingerprint(seed) for seed in range(6)])}


def test_two_cases_in_two_threads_taking_turns_do_not_disturb_each_other() -> None:
    alone = [fingerprint(seed, case=seed) for seed in (3, 4)]
    barrier, found = threading.Barrier(2), {}

    def run(seed: int) -> None:
        found[seed] = fingerprint(seed, case=seed, pause=barrier)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [found[3], found[4]] == alone


def test_eight_threads_sharing_one_parsed_library_get_what_one_thread_gets() -> None:
    made = Maker(5).make()
    library = read_library(made.files)
    expected, found = _states(library, 1), []

    def run() -> None:
        found.append(_states(library, 1))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == [expected] * 8


def _states(library: Library, case: int) -> list[bytes]:
    running = Case(library=library, process="p", case_id=UUID(int=case))
    states = [running.run.dump()]
    for number in range(20):
        if running.tasks():
            running.do(running.tasks()[-1], nth=0, number=number)
            states.append(running.run.dump())
    return states


def test_no_id_is_drawn_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> UUID:
        raise AssertionError("an id was drawn at random")

    monkeypatch.setattr("SpiffWorkflow.task.uuid4", refuse)
    assert fingerprint(2)


def test_two_cases_never_share_an_id() -> None:
    library = read_library(Maker(5).make().files)
    one, two = (Case(library=library, process="p", case_id=UUID(int=case)) for case in (1, 2))
    assert not {task.id for task in one.run.tasks()} & {task.id for task in two.run.tasks()}

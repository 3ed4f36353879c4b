"""Random processes run the same whether the past is kept or forgotten, whether a case stays in memory or is
reloaded, and always as an independent model of BPMN says.

`SHOUHOU_FUZZ` multiplies the number of processes.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from engine.bpmn import runtime
from engine.bpmn.library import read_library
from engine.bpmn.passages import Passage
from tests.engine.diagrams import Case
from tests.engine.random_processes import Maker

PROCESSES = 60 * int(os.environ.get("SHOUHOU_FUZZ", "1"))
COMMANDS = 40


class Hoarder(runtime.Run):
    """Keeps every token of the past."""

    def _forget(self) -> None:
        pass


def waiting(case: Case) -> list[str]:
    timers = [f"timer:{timer.element}" for timer in case.run.timers()]
    return sorted([*case.tasks(), *timers, *(f"message:{name}" for name in case.messages())])


def act(case: Case, what: str, number: int, *, nth: int) -> None:
    """Lets one waiting thing happen."""
    kind, _, element = what.rpartition(":")
    if kind == "timer":
        timer = [timer for timer in case.run.timers() if timer.element == element][nth]
        case.run.fire(timer.id, at=timer.due_at)
        case._kept()
    elif kind == "message":
        case.send(element, number=number)
    else:
        case.do(element, nth=nth, number=number)


def everything(case: Case) -> tuple[object, ...]:
    """What a person or the history could see."""
    run = case.run
    seen = [run.data_of(task.id) for task in run.tasks()]
    return run.tasks(), run.timers(), run.messages(), run.data, seen, run.outcome, case.path


@pytest.mark.parametrize("seed", range(PROCESSES))
def test_forgetting_and_reloading_change_nothing_and_the_tasks_are_those_of_the_model(seed: int) -> None:
    made = Maker(seed).make()
    library, random = read_library(made.files), Random(seed)
    plain = Case(library=library, process="p", kind=Hoarder)
    kept = Case(library=library, process="p")
    reloaded = Case(library=library, process="p", reload=True)
    sometimes = Case(library=library, process="p")
    cases = [plain, kept, reloaded, sometimes]
    for _ in range(COMMANDS):
        assert waiting(kept) == sorted(made.model.waiting())
        assert everything(plain) == everything(kept) == everything(reloaded) == everything(sometimes)
        assert kept.run.dump() == reloaded.run.dump() == sometimes.run.dump()
        choices = made.model.waiting()
        if not choices:
            break
        what, number = random.choice(choices), random.randrange(6)
        made.model.happen(what, number)
        for case in cases:
            act(case, what, number, nth=0)
        if random.random() < 0.3:
            sometimes.load()
    assert (kept.run.outcome is not None) == (not made.model.waiting())


@pytest.mark.parametrize("seed", range(0, PROCESSES, 6))
def test_the_deltas_of_the_path_add_up_to_the_data(seed: int) -> None:
    made = Maker(seed).make()
    case, random = Case(library=read_library(made.files), process="p"), Random(seed)
    told: list[Passage] = list(case.path)
    for _ in range(COMMANDS):
        if not made.model.waiting():
            break
        what, number = random.choice(made.model.waiting()), random.randrange(6)
        made.model.happen(what, number)
        act(case, what, number, nth=0)
        told += case.path
    data: dict[str, object] = {}
    for passage in told:
        if not passage.call:
            data.update(passage.delta or {})
    assert data == case.run.data

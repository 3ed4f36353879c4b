"""Random processes together with a model that says, independently of the engine, which tasks must be waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from engine.bpmn.library import SourceFile
from tests.engine.diagrams import (
    boundary,
    bpmn,
    call,
    catch,
    duration,
    end,
    exclusive,
    flow,
    message,
    node,
    parallel,
    path,
    script,
    start,
    sub_process,
    user,
)


class Block:
    """A piece of a process with one way in and one way out; `first` and `last` are the elements at its ends."""

    first: str
    last: str

    def parts(self) -> list[str]:
        raise NotImplementedError

    def begin(self, scope: Scope) -> Active:
        raise NotImplementedError


class Active:
    """A block that has a token inside: the tasks, timers and messages that wait, and what happens with them."""

    def waiting(self) -> list[str]:
        """Waiting tasks by id, timers as `timer:<id>` and messages as `message:<id>`."""
        raise NotImplementedError

    def happen(self, what: str, number: int) -> bool:
        """Something waiting has happened; true when the token has left the block."""
        raise NotImplementedError


@dataclass
class Scope:
    """One running diagram in the model, with the side paths that keep it open."""

    main: Active | None = None
    sides: list[Active] = field(default_factory=list)

    @property
    def open(self) -> list[Active]:
        return [*([self.main] if self.main else []), *self.sides]

    def waiting(self) -> list[str]:
        return [name for active in self.open for name in active.waiting()]

    def happen(self, what: str, number: int) -> bool:
        active = next(a for a in self.open if what in a.waiting())
        if active.happen(what, number):
            if active is self.main:
                self.main = None
            else:
                self.sides.remove(active)
        return not self.open


@dataclass
class Task(Block, Active):
    """A user task followed by a script that counts."""

    name: str

    def __post_init__(self) -> None:
        self.first, self.last = self.name, f"{self.name}_count"

    def parts(self) -> list[str]:
        code = f"{self.name}_times = ({self.name}_times or 0) + 1"
        return [user(self.name), script(self.last, code), path(self.first, self.last)]

    def begin(self, scope: Scope) -> Active:
        return Task(self.name)

    def waiting(self) -> list[str]:
        return [self.name]

    def happen(self, what: str, number: int) -> bool:
        return True


@dataclass
class Sequence(Block):
    blocks: list[Block]

    def __post_init__(self) -> None:
        self.first, self.last = self.blocks[0].first, self.blocks[-1].last

    def parts(self) -> list[str]:
        joints = [flow(a.last, b.first) for a, b in zip(self.blocks, self.blocks[1:], strict=False)]
        return [*(part for block in self.blocks for part in block.parts()), *joints]

    def begin(self, scope: Scope) -> Active:
        return _InSequence(self, scope, 0, self.blocks[0].begin(scope))


@dataclass
class _InSequence(Active):
    whole: Sequence
    scope: Scope
    at: int
    inner: Active

    def waiting(self) -> list[str]:
        return self.inner.waiting()

    def happen(self, what: str, number: int) -> bool:
        if not self.inner.happen(what, number):
            return False
        self.at += 1
        if self.at == len(self.whole.blocks):
            return True
        self.inner = self.whole.blocks[self.at].begin(self.scope)
        return False


@dataclass
class Choice(Block):
    """A task whose answer picks one of several ways; with `loop`, the last number goes back to the task."""

    name: str
    ways: list[Block]
    loop: bool

    def __post_init__(self) -> None:
        self.first, self.last = f"{self.name}_in", f"{self.name}_out"

    def parts(self) -> list[str]:
        asked, which = f"{self.name}_ask", f"{self.name}_which"
        found = [exclusive(self.first, asked), exclusive(self.last), exclusive(which, self.ways[0].first)]
        found += [user(asked), path(self.first, asked, which)]
        for number, way in enumerate(self.ways):
            condition = f"{asked}.number % {len(self.ways) + self.loop} == {number}" if number else None
            found += [*way.parts(), flow(which, way.first, condition), flow(way.last, self.last)]
        if self.loop:
            found.append(
                flow(which, self.first, f"{asked}.number % {len(self.ways) + 1} == {len(self.ways)}")
            )
        return found

    def begin(self, scope: Scope) -> Active:
        return _InChoice(self, scope)


@dataclass
class _InChoice(Active):
    whole: Choice
    scope: Scope
    inner: Active | None = None

    def waiting(self) -> list[str]:
        return [f"{self.whole.name}_ask"] if self.inner is None else self.inner.waiting()

    def happen(self, what: str, number: int) -> bool:
        if self.inner is not None:
            return self.inner.happen(what, number)
        picked = number % (len(self.whole.ways) + self.whole.loop)
        if picked < len(self.whole.ways):
            self.inner = self.whole.ways[picked].begin(self.scope)
        return False


@dataclass
class Together(Block):
    """Parallel branches."""

    name: str
    branches: list[Block]

    def __post_init__(self) -> None:
        self.first, self.last = f"{self.name}_split", f"{self.name}_join"

    def parts(self) -> list[str]:
        found = [parallel(self.first), parallel(self.last)]
        for branch in self.branches:
            found += [*branch.parts(), flow(self.first, branch.first), flow(branch.last, self.last)]
        return found

    def begin(self, scope: Scope) -> Active:
        return _InTogether([branch.begin(scope) for branch in self.branches])


@dataclass
class _InTogether(Active):
    inner: list[Active]

    def waiting(self) -> list[str]:
        return [name for active in self.inner for name in active.waiting()]

    def happen(self, what: str, number: int) -> bool:
        active = next(a for a in self.inner if what in a.waiting())
        if active.happen(what, number):
            self.inner.remove(active)
        return not self.inner


@dataclass
class Inside(Block):
    """A called diagram or an embedded sub-process, possibly with a timer or message on its boundary."""

    name: str
    body: Block
    called: bool
    event: str = ""
    interrupting: bool = True
    aside: Block | None = None

    def __post_init__(self) -> None:
        self.first, self.last = self.name, f"{self.name}_out"

    def content(self) -> list[str]:
        opening, closing = f"{self.name}_begin", f"{self.name}_end"
        ends = [end(closing), path(opening, self.body.first), flow(self.body.last, closing)]
        return [start(opening), *self.body.parts(), *ends]

    def diagram(self) -> SourceFile:
        return bpmn(f"{self.name}_diagram", *self.content(), names={"M": "message"})

    def parts(self) -> list[str]:
        opened = (
            call(self.name, f"{self.name}_diagram")
            if self.called
            else sub_process(self.name, *self.content())
        )
        found = [opened, exclusive(self.last), flow(self.name, self.last)]
        if self.aside is not None:
            waits = duration("PT7H") if self.event == "timer" else message("M")
            found.append(boundary(f"{self.name}_event", self.name, waits, interrupting=self.interrupting))
            found += [*self.aside.parts(), flow(f"{self.name}_event", self.aside.first)]
            after = self.last if self.interrupting else f"{self.name}_side_end"
            found += [flow(self.aside.last, after)] + ([] if self.interrupting else [end(after)])
        return found

    def begin(self, scope: Scope) -> Active:
        inner = Scope()
        inner.main = self.body.begin(inner)
        return _InInside(self, scope, inner, armed=self.aside is not None)


@dataclass
class _InInside(Active):
    whole: Inside
    scope: Scope
    inner: Scope | None
    armed: bool
    instead: Active | None = None

    def waiting(self) -> list[str]:
        if self.inner is None:
            assert self.instead is not None
            return self.instead.waiting()
        event = [f"{self.whole.event}:{self.whole.name}_event"] if self.armed else []
        return [*self.inner.waiting(), *event]

    def happen(self, what: str, number: int) -> bool:
        if self.inner is None:
            assert self.instead is not None
            return self.instead.happen(what, number)
        if what != f"{self.whole.event}:{self.whole.name}_event":
            return self.inner.happen(what, number)
        assert self.whole.aside is not None
        self.armed = self.whole.event == "message" and not self.whole.interrupting
        if self.whole.interrupting:
            self.inner, self.instead = None, self.whole.aside.begin(self.scope)
        else:
            self.scope.sides.append(self.whole.aside.begin(self.scope))
        return False


@dataclass
class Race(Block):
    """A message or a timer, whichever comes first."""

    name: str
    ways: list[Block]

    def __post_init__(self) -> None:
        self.first, self.last = self.name, f"{self.name}_out"

    def parts(self) -> list[str]:
        events = [catch(f"{self.name}_message", message("M")), catch(f"{self.name}_timer", duration("PT5H"))]
        found = [node("eventBasedGateway", self.name), *events, exclusive(self.last)]
        for event, way in zip(("message", "timer"), self.ways, strict=True):
            found += [
                *way.parts(),
                path(self.name, f"{self.name}_{event}", way.first),
                flow(way.last, self.last),
            ]
        return found

    def begin(self, scope: Scope) -> Active:
        return _InRace(self, scope)


@dataclass
class _InRace(Active):
    whole: Race
    scope: Scope
    inner: Active | None = None

    def waiting(self) -> list[str]:
        if self.inner is not None:
            return self.inner.waiting()
        return [f"{event}:{self.whole.name}_{event}" for event in ("message", "timer")]

    def happen(self, what: str, number: int) -> bool:
        if self.inner is not None:
            return self.inner.happen(what, number)
        self.inner = self.whole.ways["message:" not in what].begin(self.scope)
        return False


@dataclass
class Made:
    """A random process: its files, the main one first, and the model of a case that runs it."""

    files: list[SourceFile]
    model: Scope


class Maker:
    """Makes processes; the same seed makes the same process."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.made = 0
        self.insides: list[Inside] = []

    def make(self) -> Made:
        body = self.block(depth=4)
        main = bpmn(
            "p", start(), *body.parts(), end(), flow("begin", body.first), flow(body.last, "done"),
            names={"M": "message"},
        )  # fmt: skip
        model = Scope()
        model.main = body.begin(model)
        return Made([main, *(inside.diagram() for inside in self.insides if inside.called)], model)

    def name(self) -> str:
        self.made += 1
        return f"e{self.made}"

    def block(self, *, depth: int) -> Block:
        if depth == 0 or self.random.random() < 0.1:
            return Task(self.name())
        kinds = [
            self.sequence,
            self.sequence,
            self.choice,
            self.together,
            self.together,
            self.inside,
            self.race,
        ]
        return self.random.choice(kinds)(depth - 1)

    def sequence(self, depth: int) -> Block:
        return Sequence([self.block(depth=depth) for _ in range(self.random.randint(2, 3))])

    def choice(self, depth: int) -> Block:
        ways = [self.block(depth=depth) for _ in range(self.random.randint(1, 2))]
        return Choice(self.name(), ways, loop=True)

    def together(self, depth: int) -> Block:
        return Together(self.name(), [self.block(depth=depth) for _ in range(self.random.randint(2, 3))])

    def race(self, depth: int) -> Block:
        return Race(self.name(), [self.block(depth=depth), self.block(depth=depth)])

    def inside(self, depth: int) -> Block:
        event = self.random.choice(["", "timer", "message"])
        made = Inside(
            name=self.name(),
            body=self.again(self.block(depth=depth)),
            called=self.random.random() < 0.6,
            event=event,
            interrupting=self.random.random() < 0.5,
            aside=self.block(depth=0) if event else None,
        )
        self.insides.append(made)
        return made

    def again(self, block: Block) -> Block:
        """Often puts a block into a loop of its own."""
        return (
            Choice(self.name(), [Sequence([Task(self.name()), block])], loop=True)
            if self.random.random() < 0.4
            else block
        )

"""How the parts of an expression are computed, step by step and within a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn.values import Refusal, copied, kind, size

BUDGET = 20_000
"""Steps that one evaluation may take: rounds of a comprehension, items compared or handed to a function."""


class Frame:
    """One evaluation: the data it reads, the functions it may call and the steps it has left."""

    __slots__ = ("bound", "data", "functions", "known", "left")

    def __init__(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
        known: frozenset[str],
    ) -> None:
        self.data = data
        self.functions = functions
        self.known = known
        self.bound: dict[str, object] = {}
        self.left = BUDGET

    def spend(self, steps: int) -> None:
        """Refuses once the budget is used up."""
        self.left -= steps
        if self.left < 0:
            raise Refusal(zh="计算量过大", en="the computation takes too many steps")

    def weigh(self, *values: object) -> None:
        """Spends what reading through lists and records costs; single values cost nothing worth counting."""
        for value in values:
            if isinstance(value, (list, dict, str)):
                self.spend(size(value, limit=self.left))


Node = Callable[[Frame], object]


def always(value: object) -> Node:
    """A constant."""
    return lambda _: value


def read(frame: Frame, name: str) -> object:
    """The value of a free name; null when the diagram assigns it somewhere but has not done so yet."""
    if name in frame.data:
        return frame.data[name]
    if name in frame.known:
        return None
    raise Refusal(zh=f"未知名称“{name}”", en=f"the name '{name}' is unknown")


def part(owner: object, key: object) -> object:
    """`owner.key` or `owner[key]`: a key of a record or a position of a list, never a Python attribute."""
    if owner is None:
        return None
    if isinstance(owner, dict) and isinstance(key, str):
        return dict.get(owner, key)
    if isinstance(owner, list) and type(key) is int:
        return owner[key] if -len(owner) <= key < len(owner) else None
    shown = str(key)[:40] if isinstance(key, (str, int)) else kind(key).en
    raise Refusal(zh=f"{kind(owner).zh}没有“{shown}”这一项", en=f"{kind(owner).en} has no part '{shown}'")


def either(parts: tuple[Node, ...]) -> Node:
    """`or`: the first part that is true, else the last."""

    def run(frame: Frame) -> object:
        value: object = False
        for operand in parts:
            value = operand(frame)
            if value:
                break
        return value

    return run


def both(parts: tuple[Node, ...]) -> Node:
    """`and`: the first part that is false, else the last."""

    def run(frame: Frame) -> object:
        value: object = True
        for operand in parts:
            value = operand(frame)
            if not value:
                break
        return value

    return run


def chain(first: Node, tests: tuple[tuple[Callable[[Any, Any], object], Node], ...]) -> Node:
    """One or several comparisons of neighbours, as in `1 < x <= 3`."""

    def run(frame: Frame) -> object:
        left = first(frame)
        for compare, operand in tests:
            right = operand(frame)
            frame.weigh(left, right)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def rounds(source: Node, name: str, tests: tuple[Node, ...], item: Node, *, cost: int) -> Node:
    """A comprehension; `cost` is spent on every item."""

    def run(frame: Frame) -> object:
        outer, found = frame.bound, []
        try:
            for value in _items(source(frame)):
                frame.spend(cost)
                frame.bound = {**outer, name: value}
                if all(test(frame) for test in tests):
                    found.append(item(frame))
        finally:
            frame.bound = outer
        return found

    return run


def _items(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refusal(
            zh=f"for 应遍历列表, 实际为{kind(value).zh}", en=f"'for' expects a list, found {kind(value).en}"
        )
    return value


def weighed(frame: Frame, result: object) -> object:
    """The result of an operator after paying for its size."""
    frame.weigh(result)
    return result


def call_pure(frame: Frame, function: Callable[..., object], arguments: list[object]) -> object:
    """A function whose result depends on its arguments alone."""
    frame.weigh(*arguments)
    return function(*arguments)


def call(frame: Frame, name: str, arguments: list[object]) -> object:
    """A function of the desk sees copies and answers JSON; what it raises itself passes through."""
    function = frame.functions.get(name)
    if function is None:
        raise Refusal(zh=f"未知函数“{name}”", en=f"the function '{name}' is unknown")
    frame.weigh(*arguments)
    return copied(function(*[copied(argument) for argument in arguments]))

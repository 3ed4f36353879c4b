"""The syntax of the expression language: a checked Python syntax tree becomes a tree of small closures.

Nothing is ever handed to Python's own evaluator. What is not listed here does not exist.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, cast

from engine.bpmn.operators import ARITHMETIC, COMPARISONS, negative, positive
from engine.bpmn.pure import PURE
from engine.bpmn.values import Refusal, copied, kind, scalar, size

BUDGET = 20_000
"""Steps that one evaluation may take: rounds of a comprehension, items compared or handed to a function."""
DEEPEST = 60
CONSTANTS = {"true": True, "false": False, "null": None}


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


class Compiler:
    """Translates one expression; `names` and `calls` are complete once `node` has returned."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.calls: set[str] = set()
        self._bound: list[str] = []
        self._depth = 0
        self._nodes = 0

    def node(self, tree: ast.expr) -> Node:
        """The closure that evaluates `tree`; raises Refusal for anything outside the language."""
        translate = _TRANSLATIONS.get(type(tree))
        if translate is None:
            raise _unsupported(tree)
        self._depth += 1
        self._nodes += 1
        if self._depth > DEEPEST:
            raise Refusal(zh="表达式嵌套过深", en="the expression is nested too deeply")
        made = translate(self, tree)
        self._depth -= 1
        return made

    def _constant(self, tree: ast.Constant) -> Node:
        return _always(scalar(tree.value))

    def _name(self, tree: ast.Name) -> Node:
        name = plain(tree.id)
        if name in CONSTANTS:
            return _always(CONSTANTS[name])
        if name in self._bound:
            return lambda frame: frame.bound[name]
        self.names.add(name)
        return lambda frame: _read(frame, name)

    def _attribute(self, tree: ast.Attribute) -> Node:
        owner, key = self.node(tree.value), plain(tree.attr)
        return lambda frame: _part(owner(frame), key)

    def _subscript(self, tree: ast.Subscript) -> Node:
        owner, key = self.node(tree.value), self.node(tree.slice)
        return lambda frame: _part(owner(frame), key(frame))

    def _boolean(self, tree: ast.BoolOp) -> Node:
        parts = tuple(self.node(part) for part in tree.values)
        return _either(parts) if isinstance(tree.op, ast.Or) else _both(parts)

    def _unary(self, tree: ast.UnaryOp) -> Node:
        operand = self.node(tree.operand)
        if isinstance(tree.op, ast.Not):
            return lambda frame: not operand(frame)
        compute = {ast.USub: negative, ast.UAdd: positive}.get(cast(Any, type(tree.op)))
        if compute is None:
            raise _unsupported(tree.op)
        return lambda frame: compute(operand(frame))

    def _binary(self, tree: ast.BinOp) -> Node:
        compute = ARITHMETIC.get(type(tree.op).__name__)
        if compute is None:
            raise _unsupported(tree.op)
        left, right = self.node(tree.left), self.node(tree.right)
        return lambda frame: _weighed(frame, compute(left(frame), right(frame)))

    def _comparison(self, tree: ast.Compare) -> Node:
        tests = []
        for sign, operand in zip(tree.ops, tree.comparators, strict=True):
            compare = COMPARISONS.get(type(sign).__name__)
            if compare is None:
                raise _unsupported(sign)
            tests.append((compare, self.node(operand)))
        return _chain(self.node(tree.left), tuple(tests))

    def _choice(self, tree: ast.IfExp) -> Node:
        test, then, other = self.node(tree.test), self.node(tree.body), self.node(tree.orelse)
        return lambda frame: then(frame) if test(frame) else other(frame)

    def _listing(self, tree: ast.List | ast.Tuple) -> Node:
        items = tuple(self.node(item) for item in tree.elts)
        return lambda frame: [item(frame) for item in items]

    def _record(self, tree: ast.Dict) -> Node:
        pairs = []
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not (isinstance(key, ast.Constant) and type(key.value) is str):
                raise Refusal(zh="记录的键应为文本常量", en="the keys of a record must be literal texts")
            pairs.append((key.value, self.node(value)))
        return lambda frame: {key: value(frame) for key, value in pairs}

    def _comprehension(self, tree: ast.ListComp | ast.GeneratorExp) -> Node:
        if len(tree.generators) != 1 or not isinstance(tree.generators[0].target, ast.Name):
            raise Refusal(zh="只允许一个 for 和一个变量", en="only one 'for' with one name is allowed")
        generator = tree.generators[0]
        source = self.node(generator.iter)
        name = plain(cast(ast.Name, generator.target).id)
        before = self._nodes
        self._bound.append(name)
        tests = tuple(self.node(test) for test in generator.ifs)
        item = self.node(tree.elt)
        self._bound.pop()
        return _rounds(source, name, tests, item, cost=self._nodes - before)

    def _call(self, tree: ast.Call) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.keywords:
            raise Refusal(
                zh="只能按名称调用函数, 且只用位置参数",
                en="only named functions with positional arguments can be called",
            )
        name = plain(tree.func.id)
        if name in self._bound or name in CONSTANTS:
            raise Refusal(zh=f"“{name}”不是函数", en=f"'{name}' is no function")
        self.calls.add(name)
        arguments = tuple(self.node(argument) for argument in tree.args)
        pure = PURE.get(name)
        if pure is not None:
            return lambda frame: _call_pure(frame, pure, [argument(frame) for argument in arguments])
        return lambda frame: _call(frame, name, [argument(frame) for argument in arguments])


def plain(name: str) -> str:
    """`name` itself; one that begins with an underscore is refused."""
    if name.startswith("_"):
        raise Refusal(zh=f"名称“{name}”不得以下划线开头", en=f"the name '{name}' begins with an underscore")
    return name


def _always(value: object) -> Node:
    return lambda _: value


def _read(frame: Frame, name: str) -> object:
    if name in frame.data:
        return frame.data[name]
    if name in frame.known:
        return None
    raise Refusal(zh=f"未知名称“{name}”", en=f"the name '{name}' is unknown")


def _part(owner: object, key: object) -> object:
    """`owner.key` or `owner[key]`: a key of a record or a position of a list, never a Python attribute."""
    if owner is None:
        return None
    if isinstance(owner, dict) and isinstance(key, str):
        return dict.get(owner, key)
    if isinstance(owner, list) and type(key) is int:
        return owner[key] if -len(owner) <= key < len(owner) else None
    raise Refusal(
        zh=f"{kind(owner).zh}没有“{key}”这一项" if isinstance(key, (str, int)) else "键的类型不正确",
        en=f"{kind(owner).en} has no part '{key}'" if isinstance(key, (str, int)) else "unsuitable key",
    )


def _either(parts: tuple[Node, ...]) -> Node:
    def run(frame: Frame) -> object:
        value: object = False
        for part in parts:
            value = part(frame)
            if value:
                break
        return value

    return run


def _both(parts: tuple[Node, ...]) -> Node:
    def run(frame: Frame) -> object:
        value: object = True
        for part in parts:
            value = part(frame)
            if not value:
                break
        return value

    return run


def _chain(first: Node, tests: tuple[tuple[Callable[[Any, Any], object], Node], ...]) -> Node:
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


def _rounds(source: Node, name: str, tests: tuple[Node, ...], item: Node, *, cost: int) -> Node:
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


def _weighed(frame: Frame, result: object) -> object:
    frame.weigh(result)
    return result


def _call_pure(frame: Frame, function: Callable[..., object], arguments: list[object]) -> object:
    frame.weigh(*arguments)
    return function(*arguments)


def _call(frame: Frame, name: str, arguments: list[object]) -> object:
    """A function of the desk sees copies and answers JSON; what it raises itself passes through."""
    function = frame.functions.get(name)
    if function is None:
        raise Refusal(zh=f"未知函数“{name}”", en=f"the function '{name}' is unknown")
    frame.weigh(*arguments)
    return copied(function(*[copied(argument) for argument in arguments]))


def _unsupported(tree: ast.AST) -> Refusal:
    word = type(tree).__name__
    return Refusal(
        zh=f"不支持这种写法({word})", en=f"this construct ({word}) is not part of the expression language"
    )


_TRANSLATIONS: dict[type[ast.expr], Callable[[Compiler, Any], Node]] = {
    ast.Constant: Compiler._constant,
    ast.Name: Compiler._name,
    ast.Attribute: Compiler._attribute,
    ast.Subscript: Compiler._subscript,
    ast.BoolOp: Compiler._boolean,
    ast.UnaryOp: Compiler._unary,
    ast.BinOp: Compiler._binary,
    ast.Compare: Compiler._comparison,
    ast.IfExp: Compiler._choice,
    ast.List: Compiler._listing,
    ast.Tuple: Compiler._listing,
    ast.Dict: Compiler._record,
    ast.ListComp: Compiler._comprehension,
    ast.GeneratorExp: Compiler._comprehension,
    ast.Call: Compiler._call,
}

"""The syntax of the expression language: a checked Python syntax tree becomes a tree of small closures.

Nothing is ever handed to Python's own evaluator. What is not listed here does not exist.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, cast

from engine.bpmn.evaluation import (
    Node,
    always,
    both,
    call,
    call_pure,
    chain,
    either,
    part,
    read,
    rounds,
    weighed,
)
from engine.bpmn.operators import ARITHMETIC, COMPARISONS, negative, positive
from engine.bpmn.pure import PURE
from engine.bpmn.values import Refusal, scalar

DEEPEST = 60
CONSTANTS = {"true": True, "false": False, "null": None}


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
        return always(scalar(tree.value))

    def _name(self, tree: ast.Name) -> Node:
        name = plain(tree.id)
        if name in CONSTANTS:
            return always(CONSTANTS[name])
        if name in self._bound:
            return lambda frame: frame.bound[name]
        self.names.add(name)
        return lambda frame: read(frame, name)

    def _attribute(self, tree: ast.Attribute) -> Node:
        owner, key = self.node(tree.value), plain(tree.attr)
        return lambda frame: part(owner(frame), key)

    def _subscript(self, tree: ast.Subscript) -> Node:
        owner, key = self.node(tree.value), self.node(tree.slice)
        return lambda frame: part(owner(frame), key(frame))

    def _boolean(self, tree: ast.BoolOp) -> Node:
        parts = tuple(self.node(part) for part in tree.values)
        return either(parts) if isinstance(tree.op, ast.Or) else both(parts)

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
        return lambda frame: weighed(frame, compute(left(frame), right(frame)))

    def _comparison(self, tree: ast.Compare) -> Node:
        tests = []
        for sign, operand in zip(tree.ops, tree.comparators, strict=True):
            compare = COMPARISONS.get(type(sign).__name__)
            if compare is None:
                raise _unsupported(sign)
            tests.append((compare, self.node(operand)))
        return chain(self.node(tree.left), tuple(tests))

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
        return rounds(source, name, tests, item, cost=self._nodes - before)

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
            return lambda frame: call_pure(frame, pure, [argument(frame) for argument in arguments])
        return lambda frame: call(frame, name, [argument(frame) for argument in arguments])


def plain(name: str) -> str:
    """`name` itself; one that begins with an underscore is refused."""
    if name.startswith("_"):
        raise Refusal(zh=f"名称“{name}”不得以下划线开头", en=f"the name '{name}' begins with an underscore")
    return name


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

"""The language of conditions and scripts in diagrams, tables and forms: Python-like, interpreted, harmless."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from engine.bpmn.evaluation import Frame, Node
from engine.bpmn.grammar import CONSTANTS, Compiler, plain
from engine.bpmn.pure import PURE
from engine.bpmn.values import Refusal, copied
from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

__all__ = ["PURE", "Expression", "ExpressionError", "Script", "parse_expression", "parse_script"]

LONGEST = 2_000
"""Characters of one expression or script; anything longer belongs into a table or a named function."""
MOST_ASSIGNMENTS = 5


class ExpressionError(ShouhouError):
    """An expression cannot be read or computed; `reason` says why, `source` is the expression."""

    def __init__(self, source: str, reason: Text) -> None:
        super().__init__(
            Text(
                zh=f"表达式“{_shown(source)}”有误: {reason.zh}",
                en=f"expression '{_shown(source)}': {reason.en}",
            )
        )
        self.source = source
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    `names` are the free names that it reads, `calls` the functions that it calls; `call` is the name and
    the arguments when the whole expression is one call with literal arguments.
    """

    source: str
    names: frozenset[str]
    calls: frozenset[str]
    call: tuple[str, tuple[object, ...]] | None
    _run: Node = field(repr=False, compare=False)

    def evaluate(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
        *,
        known: frozenset[str],
    ) -> object:
        """The value over `data`, sharing nothing with it; a name in `known` but not in `data` is null.

        Functions of PURE are always there and cannot be replaced. Raises ExpressionError; an error raised
        by one of `functions` passes through.
        """
        with _explained(self.source):
            return copied(self._run(Frame(data, functions, known)))


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = expression` or `name.key = expression`."""

    name: str
    key: str | None
    expression: Expression


@dataclass(frozen=True, slots=True)
class Script:
    """A few assignments; `targets` are the top-level names that it sets, `names` those that it reads from outside."""

    source: str
    assignments: tuple[Assignment, ...]
    targets: frozenset[str]
    names: frozenset[str]
    calls: frozenset[str]

    def execute(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
        *,
        known: frozenset[str],
    ) -> dict[str, object]:
        """A deep copy of `data` after the assignments, in their order; `data` itself is left alone.

        Raises ExpressionError; an error raised by one of `functions` passes through.
        """
        with _explained(self.source):
            result = cast(dict[str, object], copied(dict(data)))
        for assignment in self.assignments:
            value = assignment.expression.evaluate(result, functions, known=known | self.targets)
            with _explained(self.source):
                _assign(result, assignment, value)
        return result


@lru_cache(maxsize=8192)
def parse_expression(source: str) -> Expression:
    """Reads one expression; line breaks count as blanks. Raises ExpressionError."""
    with _explained(source):
        tree = _syntax(_line(source), mode="eval")
        return _expression(source, cast(ast.Expression, tree).body)


@lru_cache(maxsize=2048)
def parse_script(source: str) -> Script:
    """Reads the assignments of a script task, one a line. Raises ExpressionError."""
    with _explained(source):
        body = cast(ast.Module, _syntax(_checked(source).strip(), mode="exec")).body
        if not 1 <= len(body) <= MOST_ASSIGNMENTS:
            raise Refusal(
                zh=f"脚本应有 1 到 {MOST_ASSIGNMENTS} 个赋值, 实际为 {len(body)} 个",
                en=f"expected 1 to {MOST_ASSIGNMENTS} assignments, found {len(body)}",
            )
        return _script(source, tuple(_assignment(source, statement) for statement in body))


def _expression(source: str, tree: ast.expr) -> Expression:
    compiler = Compiler()
    run = compiler.node(tree)
    names, calls = frozenset(compiler.names), frozenset(compiler.calls)
    return Expression(source=source, names=names, calls=calls, call=_literal_call(tree), _run=run)


def _literal_call(tree: ast.expr) -> tuple[str, tuple[object, ...]] | None:
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
        return None
    values = tuple(argument.value for argument in tree.args if isinstance(argument, ast.Constant))
    return (tree.func.id, values) if len(values) == len(tree.args) else None


def _script(source: str, assignments: tuple[Assignment, ...]) -> Script:
    names: set[str] = set()
    calls: set[str] = set()
    targets: set[str] = set()
    for assignment in assignments:
        names |= assignment.expression.names - targets
        calls |= assignment.expression.calls
        targets.add(assignment.name)
    return Script(source, assignments, frozenset(targets), frozenset(names), frozenset(calls))


def _assignment(source: str, statement: ast.stmt) -> Assignment:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        raise Refusal(zh="脚本只能包含“名称 = 表达式”", en="a script holds nothing but 'name = expression'")
    name, key = _target(statement.targets[0])
    return Assignment(name=name, key=key, expression=_expression(source, statement.value))


def _target(tree: ast.expr) -> tuple[str, str | None]:
    if isinstance(tree, ast.Name):
        return _assignable(tree.id), None
    if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
        return _assignable(tree.value.id), plain(tree.attr)
    raise Refusal(zh="只能赋值给“名称”或“名称.键”", en="only 'name' or 'name.key' can be assigned")


def _assignable(name: str) -> str:
    if name in CONSTANTS or name in PURE:
        raise Refusal(zh=f"名称“{name}”已被保留", en=f"the name '{name}' is reserved")
    return plain(name)


def _assign(result: dict[str, object], assignment: Assignment, value: object) -> None:
    if assignment.key is None:
        result[assignment.name] = value
        return
    if result.get(assignment.name) is None:
        result[assignment.name] = {}
    record = result[assignment.name]
    if not isinstance(record, dict):
        raise Refusal(zh=f"“{assignment.name}”不是记录", en=f"'{assignment.name}' is no record")
    record[assignment.key] = value


def _line(source: str) -> str:
    return " ".join(_checked(source).split("\n")).strip()


def _checked(source: str) -> str:
    if not source.strip():
        raise Refusal(zh="表达式为空", en="the expression is empty")
    if len(source) > LONGEST:
        raise Refusal(zh=f"表达式超过 {LONGEST} 个字符", en=f"longer than {LONGEST} characters")
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _syntax(source: str, *, mode: str) -> ast.AST:
    try:
        return ast.parse(source, mode=mode)
    except (SyntaxError, ValueError) as error:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        raise Refusal(zh=f"语法错误({message})", en=f"syntax error ({message})") from error


@contextmanager
def _explained(source: str) -> Iterator[None]:
    """Names the expression in every refusal of the language."""
    try:
        yield
    except Refusal as refusal:
        raise ExpressionError(source, refusal.reason) from refusal
    except (RecursionError, MemoryError) as error:
        raise ExpressionError(source, Text(zh="过于复杂", en="too complex")) from error


def _shown(source: str) -> str:
    return source if len(source) <= 80 else source[:77] + "..."

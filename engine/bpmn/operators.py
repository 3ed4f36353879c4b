"""What the operators of the expression language do; each refuses operands that would grow without bound."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.bpmn.values import LONGEST_TEXT, MOST_BITS, Refusal, is_number, kind, scalar

Binary = Callable[[Any, Any], object]


def add(left: Any, right: Any) -> object:
    """Sum of numbers, or two texts or two lists joined."""
    if type(left) is type(right) and isinstance(left, (str, list)):
        return _joined(left, right)
    return _arithmetic("+", operator.add)(left, right)


def _joined(left: Any, right: Any) -> object:
    if len(left) + len(right) > LONGEST_TEXT:
        raise Refusal(zh="结果过长", en="the result is too long")
    joined: object = left + right
    return joined


def _arithmetic(sign: str, compute: Binary) -> Binary:
    """Arithmetic on numbers alone; booleans, texts and null are refused."""

    def checked(left: Any, right: Any) -> object:
        if not (is_number(left) and is_number(right)):
            raise _unsuitable(sign, left, right)
        try:
            return scalar(compute(left, right))
        except ArithmeticError as error:
            raise Refusal(
                zh=f"“{sign}”无法计算(除以零或溢出)", en=f"'{sign}' cannot be computed ({error})"
            ) from error

    return checked


def _times(left: Any, right: Any) -> object:
    if type(left) is int and type(right) is int and left.bit_length() + right.bit_length() > MOST_BITS:
        raise Refusal(zh="数值过大", en="the number is too large")
    return left * right


def _ordered(sign: str, compare: Binary) -> Binary:
    """Order of two numbers or two texts; with null it is false."""

    def checked(left: Any, right: Any) -> object:
        if (is_number(left) and is_number(right)) or (type(left) is str and type(right) is str):
            return compare(left, right)
        if left is None or right is None:
            return False
        raise _unsuitable(sign, left, right)

    return checked


def contains(part: Any, whole: Any) -> object:
    """Whether a list has an item, a record a key or a text a part; null contains nothing."""
    if isinstance(whole, list) or (isinstance(whole, str) and isinstance(part, str)):
        return part in whole
    if isinstance(whole, dict):
        return isinstance(part, str) and part in whole
    if whole is None or (isinstance(whole, str) and part is None):
        return False
    raise _unsuitable("in", part, whole)


def _lacks(part: Any, whole: Any) -> object:
    return not contains(part, whole)


def negative(value: Any) -> object:
    """The number with its sign turned."""
    return _arithmetic("-", operator.sub)(0, value)


def positive(value: Any) -> object:
    """The number itself."""
    return _arithmetic("+", operator.add)(0, value)


def _unsuitable(sign: str, left: object, right: object) -> Refusal:
    return Refusal(
        zh=f"“{sign}”不能用于{kind(left).zh}和{kind(right).zh}",
        en=f"'{sign}' does not work between {kind(left).en} and {kind(right).en}",
    )


ARITHMETIC: dict[str, Binary] = {
    "Add": add,
    "Sub": _arithmetic("-", operator.sub),
    "Mult": _arithmetic("*", _times),
    "Div": _arithmetic("/", operator.truediv),
    "FloorDiv": _arithmetic("//", operator.floordiv),
    "Mod": _arithmetic("%", operator.mod),
}
COMPARISONS: dict[str, Binary] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": _ordered("<", operator.lt),
    "LtE": _ordered("<=", operator.le),
    "Gt": _ordered(">", operator.gt),
    "GtE": _ordered(">=", operator.ge),
    "In": contains,
    "NotIn": _lacks,
}

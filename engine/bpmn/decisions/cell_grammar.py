"""How cells are written: the subset of FEEL unary tests that is understood exactly; everything else is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from engine.bpmn.decisions.cells import Between, Cell, Same, Test
from engine.bpmn.decisions.column_types import HOLDS
from engine.bpmn.values import Refusal, iso_date
from engine.foundation.text import Text

_LONGEST_NUMBER = 15  # digits that arithmetic between two ends keeps exactly
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>date\(\s*"[^"\\]*"\s*\)) | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?) | (?P<word>true|false|null|not)\b | (?P<sign><=|>=|\.\.|[<>\[\](),])
    )\s*""",
    re.VERBOSE | re.ASCII,
)


class CellRefused(Refusal):
    """A cell cannot be used; `rule` is `dmn-cell` (not understood) or `dmn-type` (a value of another type)."""

    def __init__(self, *, rule: str, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en)
        self.rule = rule


def parse_cell(text: str, *, type_: str) -> Cell:
    """The tests of an input cell. Raises CellRefused."""
    if text.strip() in ("", "-"):
        return Cell(text=text.strip())
    parser = _Parser(text.strip(), type_)
    negated = parser.take_not()
    tests = parser.tests()
    if negated:
        parser.expect(")")
    parser.expect_end()
    return Cell(text.strip(), tests, negated, tuple(parser.literals))


def parse_literals(text: str, *, type_: str) -> tuple[object, ...]:
    """A list of literals, as in `inputValues`. Raises CellRefused."""
    parser = _Parser(text.strip(), type_)
    found = [parser.literal()]
    while parser.take(","):
        found.append(parser.literal())
    parser.expect_end()
    return tuple(found)


def parse_output(text: str, *, type_: str) -> object:
    """The one literal of an output cell; a date becomes a `date`. Raises CellRefused."""
    parser = _Parser(text.strip(), type_)
    value = parser.literal()
    parser.expect_end()
    return value


_TYPE_NAMES = {
    "string": Text(zh="文本", en="a text"),
    "number": Text(zh="数字", en="a number"),
    "boolean": Text(zh="true 或 false", en="true or false"),
    "date": Text(zh='日期 date("2026-01-31")', en='a date as date("2026-01-31")'),
}


class _Parser:
    """Reads the tokens of one cell from left to right."""

    def __init__(self, text: str, type_: str) -> None:
        self._text, self._type = text, type_
        self._tokens = self._split()
        self.literals: list[object] = []

    def _split(self) -> list[tuple[str, str]]:
        tokens, position = [], 0
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._unsupported(self._text[position:])
            tokens.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
            position = match.end()
        return [*tokens, ("end", "")]

    def take(self, *signs: str) -> str | None:
        """The next token when it is one of `signs`."""
        return self._tokens.pop(0)[1] if self._tokens[0][1] in signs else None

    def take_not(self) -> bool:
        """Whether the cell begins with `not(`."""
        negated = self.take("not") is not None
        if negated:
            self.expect("(")
        return negated

    def expect(self, sign: str) -> None:
        if self.take(sign) is None:
            raise self._unsupported(self._tokens[0][1])

    def expect_end(self) -> None:
        if self._tokens[0][0] != "end":
            raise self._unsupported(self._tokens[0][1])

    def tests(self) -> tuple[Test, ...]:
        found = [self._test()]
        while self.take(","):
            found.append(self._test())
        return tuple(found)

    def _test(self) -> Test:
        if sign := self.take("<", "<=", ">", ">="):
            end, included = self._end(), sign.endswith("=")
            return (
                Between(None, end, True, included) if sign[0] == "<" else Between(end, None, included, True)
            )
        if sign := self.take("[", "(", "]"):
            return self._range(low_included=sign == "[")
        return Same(self.literal())

    def _range(self, *, low_included: bool) -> Test:
        low = self._end()
        self.expect("..")
        high = self._end()
        sign = self.take("]", ")", "[")
        if sign is None:
            raise self._unsupported(self._tokens[0][1])
        if low > high or (low == high and not (low_included and sign == "]")):
            raise CellRefused(
                rule="dmn-cell",
                zh=f"区间“{self._text}”不含任何值",
                en=f"the range '{self._text}' holds no value",
            )
        return Between(low, high, low_included, sign == "]")

    def _end(self) -> Any:
        value = self.literal()
        if self._type not in ("number", "date") or value is None:
            raise CellRefused(
                rule="dmn-cell",
                zh=f"只有数字和日期可以比较大小或使用区间(“{self._text}”)",
                en=f"only numbers and dates have an order, found '{self._text}'",
            )
        return value

    def literal(self) -> object:
        """One literal of the column's type, or null."""
        sort, word = self._tokens[0]
        if sort not in _LITERALS or word == "not":
            raise self._unsupported(word)
        self._tokens.pop(0)
        value = _LITERALS[sort](word)
        if value is not None and not HOLDS[self._type](value):
            name = _TYPE_NAMES[self._type]
            raise CellRefused(
                rule="dmn-type", zh=f"应为{name.zh}, 实际为 {word}", en=f"expected {name.en}, found {word}"
            )
        self.literals.append(value)
        return value

    def _unsupported(self, rest: str) -> CellRefused:
        at = f"“{rest[:20]}”" if rest else "结尾"
        place = f"at '{rest[:20]}'" if rest else "at the end"
        return CellRefused(
            rule="dmn-cell",
            zh=f"不支持单元格“{self._text}”的写法(位于{at}); 可用: 常量、列表、区间、比较、not(...)、-",
            en=f"the cell '{self._text}' is not supported ({place}); use literals, lists, ranges, comparisons, not(...) or -",
        )


def _quoted(token: str) -> object:
    try:
        return json.loads(token)
    except ValueError as error:
        raise CellRefused(
            rule="dmn-cell", zh=f"文本 {token} 无法解析", en=f"the text {token} cannot be read"
        ) from error


def _dated(token: str) -> object:
    day = iso_date(token.split('"')[1])
    if day is None:
        raise CellRefused(
            rule="dmn-cell", zh=f"没有这样的日期: {token}", en=f"there is no such date: {token}"
        )
    return day


def _numeric(token: str) -> object:
    if len(token) > _LONGEST_NUMBER:
        raise CellRefused(rule="dmn-cell", zh=f"数值过长: {token}", en=f"the number is too long: {token}")
    return float(token) if "." in token else int(token)


_LITERALS: dict[str, Callable[[str], object]] = {
    "string": _quoted,
    "number": _numeric,
    "date": _dated,
    "word": {"true": True, "false": False, "null": None}.get,
}

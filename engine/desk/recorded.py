"""The functions of a replay: each answers what it answered when the diagram asked first."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from engine.desk.functions import NAMES, RETIRED, Function, Recorded
from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text


class ReplayDiverged(ShouhouError):
    """A replayed diagram asked something else than the recorded run did."""


class Replayed:
    """Gives the recorded answers back in their order and refuses any other question."""

    def __init__(self, results: Iterable[Recorded]) -> None:
        self._left = list(reversed(list(results)))
        self._number = 0

    def mapping(self) -> dict[str, Function]:
        """What the runtime is given: name to callable."""
        return {name: self._answer(name) for name in sorted(NAMES | RETIRED)}

    def finish(self) -> None:
        """Raises ReplayDiverged when recorded answers were never asked for."""
        if self._left:
            name, arguments, _ = self._left[-1]
            raise ReplayDiverged(_UNASKED.format(number=self._number + 1, found=_written(name, arguments)))

    def _answer(self, name: str) -> Function:
        def call(*arguments: object) -> object:
            self._number += 1
            recorded = self._left.pop() if self._left else None
            if recorded is None or recorded[:2] != [name, list(arguments)]:
                raise ReplayDiverged(
                    _OTHER.format(
                        number=self._number,
                        expected=_written(*recorded[:2]) if recorded else _NO_CALL,
                        found=_written(name, arguments),
                    )
                )
            return deepcopy(recorded[2])

        return call


def _written(name: str, arguments: Iterable[object]) -> str:
    return f"{name}({', '.join(map(repr, arguments))})"


_NO_CALL = Text(zh="没有调用", en="no call")
_OTHER = Text(
    zh="重演与记录不符: 第 {number} 次调用应为 {expected}, 实际为 {found}; 请核对发布版本和历史记录。",
    en="The replay differs from the record: expected call {number} to be {expected}, found {found}; compare release and history.",
)
_UNASKED = Text(
    zh="重演与记录不符: 第 {number} 次调用 {found} 没有发生; 请核对发布版本和历史记录。",
    en="The replay differs from the record: expected call {number}, {found}, which was never made; compare release and history.",
)

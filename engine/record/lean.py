"""What an element stored is mostly what was typed: the history keeps such values once, and reading puts them back.

In a passage, `i` maps a name that the element set to the part of the event's input that holds its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PARTS = ("answers", "case")  # parts of an input that diagrams store as they come


def lean(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of an event without values that its input holds already."""
    given = {part: data["input"][part] for part in PARTS if data.get("input", {}).get(part)}
    if not given or not data.get("path"):
        return data
    return {**data, "path": [_without(passage, given) for passage in data["path"]]}


def whole(data: dict[str, Any]) -> dict[str, Any]:
    """The data of an event with every value in its place; the inverse of `lean`."""
    for passage in data.get("path", ()):
        if "i" in passage:
            named = {name: data["input"][part] for name, part in passage.pop("i").items()}
            passage["d"] = {**named, **passage.get("d", {})}
    return data


def _without(passage: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    stored = passage.get("d")
    if not stored:
        return passage
    named = {name: part for name, value in stored.items() for part, typed in given.items() if typed == value}
    if not named:
        return passage
    left = {name: value for name, value in stored.items() if name not in named}
    kept = {name: value for name, value in passage.items() if name != "d"}
    return {**kept, "i": named} | ({"d": left} if left else {})

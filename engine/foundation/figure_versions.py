"""Versions of definitions: what a definition says may change from one release to the next only with its version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.foundation.errors import Problem
from engine.foundation.figures import FIGURES
from engine.foundation.text import Text

KIND = "kind_of_case"  # the file's own key; every definition that names kinds of cases depends on it


def unraised(before: bytes | None, after: bytes | None) -> Iterator[Problem]:
    """Each definition that says something else than `before` under the same version, or whose version went down.

    Both are whole files that were found right; None where a release has none.
    """
    old, new = _entries(before), _entries(after)
    for name in (name for name in new if name in old):
        was, now = old[name]["version"], new[name]["version"]
        if now < was:
            yield Problem(FIGURES, name, "figure-version", _LOWERED.format(was=was, found=now))
        elif now == was and _content(old[name]) != _content(new[name]):
            yield Problem(FIGURES, name, "figure-version", _UNRAISED.format(was=was, expected=was + 1))


def _entries(file: bytes | None) -> Mapping[str, Mapping[str, Any]]:
    written = {"figures": []} if file is None else json.loads(file)
    return {entry["id"]: {**entry, KIND: written.get(KIND)} for entry in written["figures"]}


def _content(entry: Mapping[str, Any]) -> dict[str, Any]:
    counts_kinds = "kinds" in entry["parameters"]
    return {key: value for key, value in entry.items() if key != "version" and (key != KIND or counts_kinds)}


_UNRAISED = Text(
    zh="定义与最新发布的不同, 但版本仍为 {was}; 请把 version 改为 {expected}, 已发布的指标才能说明它用的是哪个定义。",
    en=(
        "The definition differs from the newest release's, but its version is still {was}. Raise version to "
        "{expected}, so that published figures can say by which definition they were made."
    ),
)
_LOWERED = Text(
    zh="版本应不低于最新发布的 {was}, 实际为 {found}; 请改回, 或在修改定义后加一。",
    en="Expected a version not below {was}, that of the newest release, found {found}; put it back, or raise it.",
)

"""What limits are called: their table says it in the notes of its rows, so that a new limit needs no Python."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.decisions import DecisionTable
from engine.bpmn.library import Library, once_per_release
from engine.foundation.text import Text, same

TABLE = "limits"


@once_per_release
def limit_names(library: Library) -> Mapping[str, Text]:
    """Every limit of the release by id; a row's note up to its remark on the calendar is the name."""
    table = library.tables.get(TABLE)
    return {} if table is None else _names(table)


def limit_name(library: Library, limit: str) -> Text:
    """What one limit is called; the id in plain letters when the table does not know it."""
    return limit_names(library).get(limit) or same(limit.replace("_", " "))


def _names(table: DecisionTable) -> dict[str, Text]:
    names: dict[str, Text] = {}
    for rule in table.rules:
        for literal in rule.cells[0].literals if rule.cells else ():
            if rule.annotation.zh:
                names.setdefault(str(literal), _without_calendar(rule.annotation))
    return names


def _without_calendar(note: Text) -> Text:
    return Text(zh=note.zh.partition(" (")[0], en=note.en.rpartition(", ")[0] or note.en)

"""Which waiting stops the customer's clock: the table `pause_reasons` of the case's release says so."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.library import Library, once_per_release
from engine.desk.deadlines import PAUSE_REASONS
from engine.foundation.text import Text

TABLE = "pause_reasons"


@once_per_release
def pause_reasons(library: Library) -> Mapping[str, Text]:
    """The reasons that may stop it, in the order of the table, in the words of its rows."""
    table = library.tables.get(TABLE)
    if table is None:
        return PAUSE_REASONS
    named = {
        str(reason): rule for rule in reversed(table.rules) for reason in reversed(rule.cells[0].literals)
    }
    stops = {reason: table.decide({"reason": reason})["stops_customer_clock"] for reason in named}
    return {reason: rule.annotation for reason, rule in reversed(named.items()) if stops[reason]}

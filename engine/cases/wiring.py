"""What joins the three wings in a step: the diagram's questions are answered by the desk, its wishes are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import Connection, Table, select

from engine.bpmn.library import Library
from engine.cases import task_limits
from engine.cases.effects import Effects
from engine.cases.handing_over import following
from engine.cases.promises import Promises
from engine.cases.row import CaseRow, of_case
from engine.desk.calendar import Calendar
from engine.desk.deadlines import Limit
from engine.desk.functions import DeskFunctions, Function
from engine.desk.wishes import Wishes
from engine.foundation.models import Event
from engine.foundation.security import Actor

LIMITS = "limits"
CUSTOMER_WROTE = "customer_wrote"  # a message text; a release from before it was written tells nobody
FRONT_DESK = "call_center"
TASK_LATE = "task_late"
ANSWERS_FOR = "answers_for"  # the table that says which group answers for which

_EVENT = cast(Table, Event.__table__)
_COMPLETED = (
    select(_EVENT.c.actor, _EVENT.c.process, _EVENT.c.element)
    .where(*of_case(_EVENT), _EVENT.c.kind == "task:complete")
    .order_by(_EVENT.c.seq)
)


class Wiring:
    """The desk as one case's diagrams see it during one step."""

    def __init__(
        self,
        *,
        tx: Connection,
        row: CaseRow,
        library: Library,
        calendars: Mapping[str, Calendar],
        zone: str,
        actor: Actor,
        at: datetime,
        chat: bool = False,
    ) -> None:
        self.calendars = calendars
        self.zone = zone
        self.promises = Promises(tx=tx, row=row, calendars=calendars, limit_of=self.limit_of)
        self.services = Wishes(update=self._update)
        self._tx = tx
        self._row = row
        self._library = library
        self._actor = actor
        self._at = at
        self._chat = chat
        self._desk = DeskFunctions(tx=tx, facts=self, at=at, zone=zone)
        self._handlers: list[str] | None = None
        self._now_handling: list[str] = []

    @property
    def functions(self) -> dict[str, Function]:
        """What diagrams may call."""
        return self._desk.mapping()

    @property
    def results(self) -> list[Any]:
        """The answers given so far, for the history."""
        return self._desk.results

    @property
    def wishes(self) -> list[dict[str, Any]]:
        """What the diagrams asked to be done when the step commits."""
        return self.services.wishes

    def limit_of(self, name: str) -> Limit:
        """The row of the table `limits` for this case. Raises DecisionMissed."""
        given = {"limit": name, "priority": self._row["priority"], "coverage": self._row["coverage"]}
        row = self._library.tables[LIMITS].decide(given)
        return Limit(
            name=name,
            minutes=float(str(row["minutes"])),
            calendar=str(row["calendar"]),
            clock=str(row["clock"]),
            scope=str(row["scope"]),
        )

    def due(self, limit: str, percent: float) -> datetime:
        """When `percent` of a limit is used up."""
        return self.promises.due(limit, percent, at=self._at)

    def handlers(self) -> list[str]:
        """Who completed an element that counts as handling (`handles`), in the order of their first act."""
        if self._handlers is None:
            done = self._tx.execute(_COMPLETED, self._row.bound).tuples()
            self._handlers = [actor for actor, process, element in done if self._handles(process, element)]
        return list(dict.fromkeys([*self._handlers, *self._now_handling]))

    def hand_overs(self) -> list[tuple[str, str]]:
        """From whom to whom the handling went, each pair of people once, in the order of the first time.

        Releases of former days ask when a case closes; later ones say `after_hand_over`.
        """
        self.handlers()
        acts = [*(self._handlers or ()), *self._now_handling]
        pairs = {frozenset(pair): pair for pair in reversed(list(pairwise(acts))) if pair[0] != pair[1]}
        return list(reversed(pairs.values()))

    def note_handler(self, process: str, element: str) -> None:
        """The running command completes an element: its actor may have become a handler."""
        if self._handles(process, element):
            self._now_handling.append(self._actor.id)

    def registered(self) -> Mapping[str, Any]:
        """The ids of the case's customer and device, and who is kept out of it."""
        row = self._row
        return {"customer": row["customer_id"], "asset": row["asset_id"], "kept_out": row["kept_out"]}

    def queue_wishes(self) -> None:
        """Carry out what the diagrams wished for, and what follows a hand-over, in the step's transaction."""
        effects = self._effects()
        for wish in (*self.wishes, *following(self._row, self._library.diagrams.values())):
            effects.carry_out(wish)

    def tell_who_handles(self) -> None:
        """Something came from outside: whoever works on the case hears of it, or its group, or the call centre."""
        if not self._actor.is_outside or CUSTOMER_WROTE not in self._library.messages:
            return
        row = self._row
        group = f"group:{row['owner_group'] or FRONT_DESK}"
        to = row["handler"] if row["handler"] and row["ended_at"] is None else group
        self._effects().carry_out({"do": "notify", "to": to, "message": CUSTOMER_WROTE, "values": {}})

    def tell_who_answers(self, task: Any) -> None:
        """A task is late: its holder and the group that answers for its group hear of it. Raises DiagramFailed."""
        with task_limits.known_for(task):
            answers = self._library.tables[ANSWERS_FOR].decide({"group": task.group_id})["answerable"]
        to = [f"group:{answers}", *([task.assignee] if task.assignee else [])]
        name = self._library.diagrams[task.process].elements[task.element].name
        values = {"task_zh": name.zh, "task_en": name.en}
        self._effects().carry_out({"do": "notify", "to": to, "message": TASK_LATE, "values": values})

    def _effects(self) -> Effects:
        return Effects(
            tx=self._tx,
            row=self._row,
            messages=self._library.messages,
            actor=self._actor,
            at=self._at,
            zone=self.zone,
            calendar=self.calendars["working"],
            chat=self._chat,
        )

    def _handles(self, process: str | None, element: str | None) -> bool:
        diagram = self._library.diagrams.get(process or "")
        found = diagram.elements.get(element or "") if diagram else None
        return found is not None and found.properties.get("handles") == "true"

    def _update(self, field: str, value: Any) -> None:
        if field == "kept_out":
            value = sorted({*(self._row["kept_out"] or ()), value})
        self._row[field] = value

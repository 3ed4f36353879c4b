"""What the wishes of a step lead to: rows of this case and of the registers, and messages for everybody else.

No transaction spans two cases: whatever concerns another case is posted, and carried out after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select

from engine.cases.row import CaseRow
from engine.desk import bulletins, notifications, schedules, warranty
from engine.desk.calendar import Calendar
from engine.desk.registers.fields import Hand
from engine.foundation.ids import new_id
from engine.foundation.models import CaseLink, Outbox
from engine.foundation.security import Actor
from engine.record.history import canonical

Wish = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effects:
    """The hands of one step, in its transaction."""

    tx: Connection
    row: CaseRow
    messages: Collection[str]
    actor: Actor
    at: datetime
    zone: str
    calendar: Calendar
    chat: bool = False

    def carry_out(self, wish: Wish) -> None:
        """Do what the diagram asked for; a change of the case's own columns has been made already."""
        act = _ACTS.get(str(wish["do"]))
        if act is not None:
            act(self, wish)

    def _notify(self, wish: Wish) -> None:
        notifications.queue(
            self.tx,
            case=self.row,
            wish=wish,
            messages=self.messages,
            at=self.at,
            chat=self.chat,
            kept_out=self.row["kept_out"] or (),
        )

    def _open_case(self, wish: Wish) -> None:
        values = {"reason": wish["reason"], "data": wish["data"], "from": self.row["number"]}
        told = {"tell": wish["tell"]} if wish.get("tell") else {}
        self._post("open_case", str(wish["process"]), values | told)

    def _open_cases(self, wish: Wish) -> None:
        """One case for each item; the same item never twice from one case, however often it is wished for."""
        for item in wish["each"]:
            identity = uuid5(self.row.id, canonical([wish["process"], item]))
            keys = (getattr(Outbox, name) == value for name, value in self.row.keys.items())
            if self.tx.execute(select(Outbox.id).where(*keys, Outbox.id == identity)).first() is None:
                values = {"reason": wish["reason"], "data": item, "from": self.row["number"]}
                self._post("open_case", str(wish["process"]), values, id=identity)

    def _link_case(self, wish: Wish) -> None:
        link = {**self.row.keys, "target": str(wish["to"]), "kind": str(wish["kind"])}
        self.tx.execute(delete(CaseLink).where(*(getattr(CaseLink, k) == v for k, v in link.items())))
        self.tx.execute(insert(CaseLink).values(**link, at=self.at))
        if wish.get("tell"):  # the other case may be over by now, which is looked up after the commit
            self._post("linked", link["target"], {"element": wish["tell"]})

    def _tell_linked(self, wish: Wish) -> None:
        values = {"element": wish["element"], "data": wish["data"]}
        self._post("tell_linked", self.row["number"], values)

    def _announce(self, wish: Wish) -> None:
        bulletins.announce(self.tx, case_number=self.row["number"], values=wish, hand=self._hand)

    def _settle_bulletin(self, wish: Wish) -> None:
        bulletins.settle(self.tx, case_number=self.row["number"], status=str(wish["status"]), hand=self._hand)

    def _schedule_case(self, wish: Wish) -> None:
        schedules.plan_rounds(
            self.tx, wish=wish, origin=self.row["number"], calendar=self.calendar, zone=self.zone, at=self.at
        )

    def _record_repair(self, wish: Wish) -> None:
        warranty.note_repair(
            self.tx,
            case_number=self.row["number"],
            asset_id=self.row["asset_id"],
            wish=wish,
            on=self.at.astimezone(ZoneInfo(self.zone)).date(),
            hand=self._hand,
        )

    def _post(self, message: str, recipient: str, values: dict[str, Any], *, id: UUID | None = None) -> None:
        self.tx.execute(
            insert(Outbox).values(
                **self.row.keys,
                id=id or new_id(self.at),
                kind=message,
                channel="case",
                recipient=recipient,
                message=message,
                values=values,
                language="zh",
                created_at=self.at,
                next_attempt_at=self.at,
            )
        )

    @property
    def _hand(self) -> Hand:
        return Hand(self.actor, self.at)


_ACTS: Mapping[str, Callable[[Effects, Wish], None]] = {
    "notify": Effects._notify,
    "open_case": Effects._open_case,
    "open_cases": Effects._open_cases,
    "link_case": Effects._link_case,
    "tell_linked": Effects._tell_linked,
    "announce": Effects._announce,
    "settle_bulletin": Effects._settle_bulletin,
    "record_repair": Effects._record_repair,
    "schedule_case": Effects._schedule_case,
}

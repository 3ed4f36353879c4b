"""What ids are called in a history: people, groups, messages, reasons, moments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.foundation.security import MAILBOX, PORTAL, SYSTEM
from engine.foundation.text import Text, same

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_OURSELVES = {
    SYSTEM.id: Text(zh="系统", en="the system"),
    PORTAL.id: Text(zh="客户(网页)", en="the customer (web page)"),
    MAILBOX.id: Text(zh="来信人(邮件)", en="the writer of a mail"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: people, groups, messages, pause reasons; times are written in `zone`."""

    people: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Text] = field(default_factory=dict)
    messages: Mapping[str, Text] = field(default_factory=dict)
    reasons: Mapping[str, Text] = field(default_factory=dict)
    zone: str = "Asia/Shanghai"

    def person(self, person: str) -> Text:
        """A person's name; somebody who is not in the register any more keeps the login name."""
        if person in _OURSELVES:
            return _OURSELVES[person]
        return same(self.people.get(person, person))

    def known(self, word: str) -> Text | None:
        """What a person's or group's id is called; None for any other word."""
        return same(self.people[word]) if word in self.people else self.groups.get(word)

    def receiver(self, to: str) -> Text:
        """Whoever a notification goes to."""
        if to == "customer":
            return Text(zh="客户", en="the customer")
        kind, _, group = to.partition(":")
        return self.groups.get(group, same(group)) if kind == "group" and group else self.person(to)

    def moment_in(self, word: str) -> Text | None:
        """An ISO moment with its zone as people write it; None for any other word."""
        return same(self.moment(word)) if _MOMENT.fullmatch(word) else None

    def moment(self, moment: str) -> str:
        """An ISO moment as people write it."""
        return datetime.fromisoformat(moment).astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")

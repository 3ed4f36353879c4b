"""What a message to somebody is called: its subject without the values that each letter fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.bpmn.library import Library, once_per_release
from engine.foundation.text import Text

_OF_THE_CASE = re.compile(r"\b(of|for|to|on|taken) \{number\}")
_THE_CASE = re.compile(r"^\{number\}")
_VALUE = re.compile(r"\s*\{[^{}]*\}")
_EDGES = " :,"
_NOTICE = Text(zh="通知", en="A notice")


@once_per_release
def message_names(library: Library) -> Mapping[str, Text]:
    """The kind of every message of a release by its key."""
    return {key: message_name(message.subject) for key, message in library.messages.items()}


def message_name(subject: Text) -> Text:
    """The kind of message, in both languages."""
    english = _THE_CASE.sub("The case", _OF_THE_CASE.sub(r"\1 the case", subject.en))
    zh = _VALUE.sub("", subject.zh).strip(_EDGES).removeprefix("的")
    en = _VALUE.sub("", english).strip(_EDGES)
    return Text(zh=zh or _NOTICE.zh, en=en or _NOTICE.en)

"""Mail that came back: which of our messages a delivery status notification is about, and what the other server said.

The notifications of RFC 3464 are read, and those of older servers that only quote the returned mail and a 5xx code.
A delay is no failure: the other server goes on trying, and says so when it gives up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

LONGEST_REASON = 300
MOST_PARTS = 30
_ID = re.compile(r"<[^<>\s]{3,250}>")
_QUOTED_ID = re.compile(r"^[> \t]*message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_REFUSED = re.compile(r"^.*\b5(?:\d\d[ -]|\.\d{1,3}\.\d{1,3}\b).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """`returned` are the Message-IDs that the mail that came back may have; `reason` is the other server's own words."""

    returned: tuple[str, ...]
    reason: str


def bounce_in(message: Message, *, from_a_server: bool) -> Bounce | None:
    """What a mail says of another one that could not be delivered for good; None for everything else."""
    parts = list(_parts(message))
    recipients = [block for part in parts for block in _blocks(part)]
    if recipients:
        failed = [block for block in recipients if str(block.get("Action", "")).strip().lower() == "failed"]
        reason = _said_by(failed[0]) if failed else None
    else:
        reason = _said_in_words(parts) if from_a_server else None
    returned = tuple(dict.fromkeys(_returned(message, parts))) if reason else ()
    return Bounce(returned, _one_line(reason)[:LONGEST_REASON]) if reason and returned else None


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _blocks(part: Message) -> list[Message]:
    """The recipients of a delivery status; its first block is about the message as a whole."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return []
    return [block for block in part.get_payload() if isinstance(block, Message) and "Action" in block]


def _said_by(block: Message) -> str:
    diagnostic = str(block.get("Diagnostic-Code", "")).partition(";")[2]
    return diagnostic.strip() or f"status {str(block.get('Status', '')).strip() or 'unknown'}"


def _said_in_words(parts: list[Message]) -> str | None:
    found = (_REFUSED.search(_text(part)) for part in parts if part.get_content_type() == "text/plain")
    return next((line[0].strip() for line in found if line), None)


def _returned(message: Message, parts: list[Message]) -> Iterator[str]:
    for part in parts:
        if part is not message and part.get("Message-ID"):
            yield from _ID.findall(str(part["Message-ID"]))
        if part.get_content_type() in ("text/plain", "text/rfc822-headers"):
            yield from _QUOTED_ID.findall(_text(part))
    for header in ("In-Reply-To", "References", "X-Failed-Message-ID"):
        yield from _ID.findall(str(message.get(header, "")))


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return (
        content[:100_000].decode("utf-8", errors="replace").replace("\r\n", "\n")
        if isinstance(content, bytes)
        else ""
    )


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())

"""A mail as it came, made into what a case needs: who writes, what, which mail is answered, which files are with it.

Nothing in it is trusted: sizes and depths are limited, unknown charsets are read as well as can be, mark-up becomes text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from html.parser import HTMLParser

from engine.desk.attachments import Upload
from engine.desk.bounces import Bounce, bounce_in

MOST_PARTS = 100
LONGEST_TEXT = 200_000  # bytes of a part that are read as text
SMALLEST_PICTURE = 5 * 1024  # bytes; a smaller one inside the text is a logo
REPLACED = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `mark` is the same for every copy of it, `answers` are the Message-IDs that it replies to."""

    mark: str
    sender: str
    sender_name: str
    subject: str
    text: str
    answers: tuple[str, ...]
    files: tuple[Upload, ...]
    automatic: str | None  # why it counts as written by a machine
    bounce: Bounce | None = None  # what it says of a mail of ours that could not be delivered


def read_mail(content: bytes) -> Mail:
    """Read one mail; whatever cannot be understood is left out, so that no mail stops the others."""
    message = message_from_bytes(content, policy=compat32)
    name, sender = _sender(message)
    return Mail(
        mark=_mark(message, sender, content),
        sender=sender,
        sender_name=name or sender,
        subject=_one_line(_header(message, "Subject"))[:300],
        text=_text(message),
        answers=tuple(re.findall(r"<[^<>\s]{3,250}>", _references(message)))[:50],
        files=tuple(_files(message)),
        automatic=_automatic(message, sender),
        bounce=bounce_in(message, from_a_server=_is_server(sender)),
    )


def without_quotation(text: str) -> str:
    """What the writer added to the mail that they answer; the whole text when nothing would be left."""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if _QUOTED_FROM_HERE.match(line.strip())), len(lines))
    own = "\n".join(line for line in lines[:end] if not line.lstrip().startswith(">")).strip()
    return own or text.strip()


def text_of_html(markup: str) -> str:
    """The words of an HTML page: no scripts, styles or hidden parts of the head, one line per block."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = (re.sub(r"[ \t\r\f\v\xa0]+", " ", line).strip() for line in "".join(reader.words).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or a part that is not read."""
        if tag in _SILENT:
            self._silent.append(tag)
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line, or a part that is not read."""
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words."""
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))


def _sender(message: Message) -> tuple[str, str]:
    found = getaddresses([_header(message, "From")[:2000]])
    name, address = found[0] if found else ("", "")
    return _one_line(name)[:100], address.strip().lower()[:200]


def _mark(message: Message, sender: str, content: bytes) -> str:
    named = _one_line(_header(message, "Message-ID"))
    basis = f"{named}\n{sender}".encode() if named else content
    return hashlib.sha256(basis).hexdigest()


def _references(message: Message) -> str:
    return f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"


def _automatic(message: Message, sender: str) -> str | None:
    submitted = _header(message, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return "auto-submitted"
    if _header(message, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "precedence"
    named = next((name for name in _BY_MACHINES if name in message), None)
    if named is not None:
        return named.lower()
    if _header(message, "Return-Path").strip() == "<>":
        return "return-path"
    if message.get_content_type() == "multipart/report" or _is_server(sender):
        return "report"
    return None


def _is_server(sender: str) -> bool:
    return sender.partition("@")[0] in _DAEMONS


def _text(message: Message) -> str:
    plain = [_words(part) for part in _parts(message) if _is_text(part, "text/plain")]
    if any(plain):
        return "\n".join(filter(None, plain))
    pages = [text_of_html(_words(part)) for part in _parts(message) if _is_text(part, "text/html")]
    return "\n".join(filter(None, pages))


def _files(message: Message) -> Iterator[Upload]:
    for number, part in enumerate(_parts(message), start=1):
        if part.is_multipart() or _is_text(part, "text/plain") or _is_text(part, "text/html"):
            continue
        content = _payload(part)
        inside = part.get_content_disposition() != "attachment" and part.get("Content-ID")
        if content and not (inside and len(content) < SMALLEST_PICTURE):
            name = _one_line(_decoded(str(part.get_filename() or "")))
            yield Upload(name or f"file {number}", content)


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _is_text(part: Message, kind: str) -> bool:
    return (
        part.get_content_type() == kind
        and part.get_content_disposition() != "attachment"
        and not part.get_filename()
    )


def _words(part: Message) -> str:
    content = _payload(part)[:LONGEST_TEXT]
    return (
        _in_charset(content, str(part.get_content_charset() or "")).replace("\r\n", "\n").replace("\x00", "")
    )


def _payload(part: Message) -> bytes:
    if part.is_multipart():
        return b""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return content if isinstance(content, bytes) else b""


def _in_charset(content: bytes, charset: str) -> str:
    for name in (REPLACED.get(charset.lower(), charset), "utf-8", "gb18030"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("gb18030", errors="replace")


def _header(message: Message, name: str) -> str:
    written = (value for known, value in message.raw_items() if known.lower() == name.lower())
    return _decoded(str(next(written, "")))


def _decoded(written: str) -> str:
    """Encoded words read; raw bytes, which no header should hold, as well as can be."""
    if any("\udc80" <= sign <= "\udcff" for sign in written):
        return _in_charset(written.encode("utf-8", errors="surrogateescape"), "")
    try:
        pieces = decode_header(written)
    except ValueError:
        return written
    return "".join(
        piece if isinstance(piece, str) else _in_charset(piece, charset or "ascii")
        for piece, charset in pieces
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


_SILENT = frozenset({"script", "style", "head", "template", "noscript", "svg", "object", "iframe"})
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "table", "blockquote", "h1", "h2", "h3", "h4", "pre", "hr", "ul", "ol"}
)
_BY_MACHINES = (
    "List-Id",
    "List-Unsubscribe",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    "X-Loop",
)
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})
_QUOTED_FROM_HERE = re.compile(
    r"-{2,}\s*(原始邮件|原邮件|Original Message|Forwarded message)\s*-{2,}"
    r"|_{10,}$|(发件人|寄件者|From)\s*[::]\s*\S+.*|On .{5,120} wrote:$|在 ?.{5,120}写道[::]$|.{5,120} 于.{5,60}写道[::]$",
    re.IGNORECASE,
)

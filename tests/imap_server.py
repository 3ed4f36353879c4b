"""A real IMAP server on the loopback, with the commands that a mailbox is read with, and one folder in memory."""

from __future__ import annotations

import re
import socketserver
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread

RECEIVED = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


@dataclass
class StoredMail:
    """A mail as the server holds it."""

    content: bytes
    flags: set[str] = field(default_factory=set)
    received_at: datetime = RECEIVED


class ImapServer:
    """`with ImapServer() as server:` ; put mails with `deliver`, look at their flags in `mails`."""

    def __init__(self, *, user: str = "service@shouhou.example", password: str = "s3cret/@") -> None:
        self.user, self.password = user, password
        self.mails: list[StoredMail] = []
        self.drops_marks = False  # the line breaks before the mail can be marked
        self.commands: list[str] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> ImapServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The URL of its folder, with the signs of the password escaped."""
        port = self._server.server_address[1]
        return f"imap://service%40shouhou.example:s3cret%2F%40@127.0.0.1:{port}/Service"

    def deliver(self, content: bytes) -> StoredMail:
        """A new mail arrives."""
        mail = StoredMail(content)
        self.mails.append(mail)
        return mail

    @property
    def unread(self) -> int:
        """How many mails are not marked as read."""
        return sum("\\Seen" not in mail.flags for mail in self.mails)


def _handler(server: ImapServer) -> type[socketserver.StreamRequestHandler]:
    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("* OK ready")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                server.commands.append(command.split(" ")[0].upper())
                if self.answer(tag, command) is False:
                    return

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def answer(self, tag: str, command: str) -> bool:
            word, _, rest = command.partition(" ")
            name = word.upper()
            if name == "UID":
                word, _, rest = rest.partition(" ")
                name = f"UID {word.upper()}"
            refused = answers[name](self, rest) if name in answers else "BAD unknown command"
            if refused == "DROP":
                return False
            self.say(f"{tag} {refused or 'OK done'}")
            return name != "LOGOUT"

        def capability(self, _rest: str) -> str | None:
            self.say("* CAPABILITY IMAP4rev1")
            return None

        def login(self, rest: str) -> str | None:
            user, password = (word.strip('"') for word in rest.split(" ", 1))
            return None if (user, password) == (server.user, server.password) else "NO wrong password"

        def select(self, rest: str) -> str | None:
            if rest.strip('"') != "Service":
                return "NO no such folder"
            self.say(f"* {len(server.mails)} EXISTS")
            self.say("* OK [UIDVALIDITY 1]")
            return None

        def search(self, _rest: str) -> str | None:
            unread = [str(n) for n, mail in enumerate(server.mails, 1) if "\\Seen" not in mail.flags]
            self.say("* SEARCH " + " ".join(unread))
            return None

        def fetch(self, rest: str) -> str | None:
            uid, _, what = rest.partition(" ")
            mail = server.mails[int(uid) - 1]
            if "BODY.PEEK[]" in what:
                self.wfile.write(
                    b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (int(uid), int(uid), len(mail.content))
                )
                self.wfile.write(mail.content + b")\r\n")
                return None
            at = f"{mail.received_at:%d-%b-%Y %H:%M:%S %z}"
            self.say(f'* {uid} FETCH (UID {uid} RFC822.SIZE {len(mail.content)} INTERNALDATE "{at}")')
            return None

        def store(self, rest: str) -> str | None:
            if server.drops_marks:
                return "DROP"
            uid, _, flags = rest.partition(" ")
            server.mails[int(uid) - 1].flags |= set(re.findall(r"\\\w+", flags))
            return None

        def nothing(self, _rest: str) -> str | None:
            return None

        def logout(self, _rest: str) -> str | None:
            self.say("* BYE")
            return None

    answers = {
        "CAPABILITY": Talk.capability,
        "LOGIN": Talk.login,
        "SELECT": Talk.select,
        "UID SEARCH": Talk.search,
        "UID FETCH": Talk.fetch,
        "UID STORE": Talk.store,
        "NOOP": Talk.nothing,
        "CLOSE": Talk.nothing,
        "LOGOUT": Talk.logout,
    }
    return Talk

"""A client's browser: keeps its cookies, sends the forms of the pages it read, and asks again when a server dies."""

from __future__ import annotations

import http.client
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PATIENCE = 30.0  # seconds for which a client asks again before it gives up
ANSWER_SECONDS = 20.0

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'action="([^"]*)"')
_LINK = re.compile(r'href="([^"]+)"')
_NEXT = re.compile(r'href="([^"]+)" rel="next"')
_CASE = re.compile(r"^/cases/([A-Z]+-[0-9-]+)$")
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')

Told = Callable[[str, float], None]  # what happened, and how many seconds it took


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes and what it carries unseen (token, key, revision)."""

    action: str
    hidden: Mapping[str, str]

    @property
    def key(self) -> str:
        """The key under which it is applied once."""
        return self.hidden["idempotency_key"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered at `path`; status 0 when patience ran out."""

    path: str
    status: int
    page: str = ""
    location: str = ""

    def form(self, ending: str, **carries: str) -> Form | None:
        """The form whose address ends that way and that carries these values unseen; what follows `?` does not count."""
        for head, inside in _FORM.findall(self.page):
            named = _ACTION.search(head)
            action = unescape(named[1]) if named else self.path
            hidden = {name: unescape(value) for name, value in _HIDDEN.findall(inside)}
            if action.split("?")[0].endswith(ending) and carries.items() <= hidden.items():
                return Form(action, hidden)
        return None

    def leads_to(self, ending: str) -> str | None:
        """The address of the first link that ends that way; what follows `?` does not count."""
        links = (unescape(link) for link in _LINK.findall(self.page))
        return next((link for link in links if link.split("?")[0].endswith(ending)), None)

    @property
    def following(self) -> str | None:
        """The address of the next page of a list."""
        found = _NEXT.search(self.page)
        return unescape(found[1]) if found else None

    @property
    def cases(self) -> list[str]:
        """The numbers of the cases to which the page links."""
        return sorted({number for link in _LINK.findall(self.page) for number in _CASE.findall(link)})


@dataclass
class Browser:
    """Somebody at the pages, on whichever of `ports` answers; `told` hears of every answer and every repeat.

    Each has an address of its own, `home`: some pages count the requests of an address.
    """

    ports: Sequence[int]
    told: Told
    home: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    line: http.client.HTTPConnection | None = None

    def sign_in(self, person: str) -> Browser:
        """Sign in as one of the demonstration's people."""
        token = _TOKEN.search(self.get("/sign-in").page)
        assert token, "no server shows its sign-in page"
        answer = self.submit(Form("/sign-in/demo", {"csrf_token": token[1]}), [("person", person)])
        assert answer.status == 303 and "session_id" in self.cookies, f"{person}: {answer.status}"
        return self

    def get(self, path: str) -> Answer:
        """Read a page."""
        return self._ask("GET", path, None)

    def submit(self, form: Form, typed: Sequence[tuple[str, str]] = ()) -> Answer:
        """Send a form, the same one again for as long as nobody answers or the answer is “not now”."""
        return self._ask("POST", form.action, urlencode([*form.hidden.items(), *typed]))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            began = time.monotonic()
            answer = self._once(method, path, body)
            if answer is not None and answer.status != 503:
                self.told(method, time.monotonic() - began)
                return answer
            self.told("again" if answer is None else "busy", time.monotonic() - began)
            time.sleep(0.02 + random.random() * 0.1)
        return Answer(path, 0)

    def _once(self, method: str, path: str, body: str | None) -> Answer | None:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection = self._connection()
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return None
        self._keep_cookies(response)
        return Answer(path, response.status, page, response.getheader("Location", ""))

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}

    def _connection(self) -> http.client.HTTPConnection:
        if random.random() < 0.05:
            self._hang_up()
        if self.line is None:
            self.line = http.client.HTTPConnection(
                "127.0.0.1", random.choice(self.ports), ANSWER_SECONDS, source_address=(self.home, 0)
            )
        return self.line

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

"""The same through the pages: a real server process, signed in, with tokens, checks and the next task in the answer."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode
from uuid import uuid4

import requests

from engine.acts import worklist
from engine.acts.bench import material
from engine.acts.bench.rows import Effort, Row
from engine.acts.bench.stage import PASSWORD, Stage
from engine.acts.bench.timing import Series

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REVISION = re.compile(r'name="revision"[^>]*value="(\d+)"')
START_SECONDS = 30.0


class Browser:
    """One signed-in client with a kept connection; it adds as little of its own time as a client can."""

    def __init__(self, base: str) -> None:
        self._connection = HTTPConnection(base.removeprefix("http://"))
        self._cookies: dict[str, str] = {}
        token = self._token(self.get("/sign-in"))
        form = {"account": "li_gong", "password": PASSWORD, "csrf_token": token}
        status, _ = self._ask("POST", "/sign-in", form)
        assert status == 303 or status == 302, "the sign-in was refused"

    def get(self, path: str) -> str:
        """A page."""
        status, text = self._ask("GET", path)
        assert status == 200, text
        return text

    def complete(self, path: str, page: str, *, swaps: bool) -> None:
        """Send the task's form; the answer leads to the next task or, for a browser that swaps pages, is its page."""
        revision = _REVISION.search(page)
        form = {
            **material.ANSWERS,
            "csrf_token": self._token(page),
            "idempotency_key": uuid4().hex,
            "revision": revision.group(1) if revision else "",
        }
        status, text = self._ask("POST", path, form, {"HX-Request": "true"} if swaps else {})
        assert status == (200 if swaps else 303), text

    def _ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()), **(more or {})}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = self._connection.getresponse()
        for kept in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = kept.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read().decode()

    def _token(self, page: str) -> str:
        found = _TOKEN.search(page)
        assert found is not None, "the page carries no token"
        return found.group(1)


def over_http(stage: Stage, size: int, effort: Effort) -> Iterator[Row]:
    """Open a task's page and complete it, as a browser does."""
    opening, completing, swapping, listing = Series(), Series(), Series(), Series()
    where = f"{stage.dialect}, {size:,} open"
    what = "complete a task over HTTP, signed in, next task in the answer"
    with _server(stage) as base:
        if base is None:
            yield Row(
                what=what,
                where=where,
                ours="not measured: the pages are not built",
                target="≤ 8 ms",
                held=False,
            )
            return
        browser = Browser(base)
        for _ in range(effort.rounds):
            for _ in range(effort.cases):
                _work(stage, browser, opening, completing)
                _work(stage, browser, opening, swapping, swaps=True)
            for _ in range(10):
                with listing.one():
                    browser.get("/inbox/groups")
            for series in (opening, completing, swapping, listing):
                series.next_round()
    yield Row(
        what=what,
        where=where,
        ours=str(completing),
        target="≤ 8 ms",
        held=completing.ms <= 8,
    )
    yield Row(
        what="the same with the next task's whole page and its list of 50 in the answer",
        where=where,
        ours=str(swapping),
    )
    yield Row(what="open a task's page over HTTP", where=where, ours=str(opening))
    yield Row(what="open the inbox over HTTP (rendered, 50 rows)", where=where, ours=str(listing))


def _work(
    stage: Stage, browser: Browser, opening: Series, completing: Series, *, swaps: bool = False
) -> None:
    number = stage.start()
    case_id = worklist.case_id(stage.cases, number)
    for _ in range(material.STEPS):
        path = f"/cases/{number}/tasks/{stage.task_of(case_id)}"
        with opening.one():
            page = browser.get(path)
        with completing.one():
            browser.complete(path, page, swaps=swaps)


@contextmanager
def _server(stage: Stage) -> Iterator[str | None]:
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "webapp.wsgi:create()", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "error", "--keep-alive", "30"]
    environment = {
        **os.environ,
        "SHOUHOU_DATABASE_URL": stage.url,
        "SHOUHOU_BASE_URL": base,
        "SHOUHOU_AUDIT_FOLDER": "",
    }
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield base if _answers(f"{base}/sign-in") else None
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def _answers(url: str) -> bool:
    """Whether the page is served; waits for the server to come up."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return requests.get(url, timeout=5).ok
        except requests.RequestException:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The same through the pages: a real server process, signed in, with tokens, checks and the next task in the answer."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    """One signed-in client with a kept connection."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._session = requests.Session()
        token = self._token(self._session.get(f"{base}/sign-in").text)
        form = {"account": "li_gong", "password": PASSWORD, "csrf_token": token}
        answer = self._session.post(f"{base}/sign-in", data=form, allow_redirects=False)
        answer.raise_for_status()

    def get(self, path: str) -> str:
        """A page."""
        answer = self._session.get(self._base + path)
        answer.raise_for_status()
        return answer.text

    def complete(self, path: str, page: str, *, swaps: bool) -> None:
        """Send the task's form; the answer leads to the next task or, for a browser that swaps pages, is its page."""
        revision = _REVISION.search(page)
        form = {
            **material.ANSWERS,
            "csrf_token": self._token(page),
            "idempotency_key": uuid4().hex,
            "revision": revision.group(1) if revision else "",
        }
        headers = {"HX-Request": "true"} if swaps else {}
        answer = self._session.post(self._base + path, data=form, headers=headers, allow_redirects=False)
        assert answer.status_code == (200 if swaps else 303), answer.text

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

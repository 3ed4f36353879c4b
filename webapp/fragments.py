"""Parts of pages for htmx: answered whole when something changed, with "not modified" when nothing did."""

from __future__ import annotations

import hashlib
import re

from flask import Response, make_response, render_template, request
from flask_wtf.csrf import generate_csrf

_KEY = re.compile(r'name="idempotency_key" value="[0-9a-f]+"')


def is_fragment() -> bool:
    """Whether the browser asked for a part of a page only."""
    headers = request.headers
    return headers.get("HX-Request-Type") == "partial" and "HX-History-Restore-Request" not in headers


def fragment(template: str, *, status: int = 200, **values: object) -> Response:
    """A rendered part with an ETag; a poll that already has it gets 304 without a body."""
    body = render_template(template, **values)
    answer = make_response(body, status)
    answer.headers["Cache-Control"] = "private, no-cache"
    if status == 200 and request.method == "GET":
        answer.set_etag(tag_of(body))
        answer.make_conditional(request)
    return answer


def tag_of(body: str) -> str:
    """A hash of what people see: CSRF token and idempotency keys differ each time and are left out."""
    seen = _KEY.sub("", body.replace(generate_csrf(), ""))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]

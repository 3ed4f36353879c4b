"""What people read when something does not work: what happened, what to do, and what they had entered."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.foundation.attempts import TooManyAttempts
from engine.foundation.errors import (
    Conflict,
    DiagramFailed,
    Forbidden,
    InvalidAnswers,
    NotFound,
    ProblemsFound,
    Rejection,
    ShouhouError,
    Unavailable,
)
from engine.foundation.rates import TooOften
from engine.foundation.security import log_refusal
from engine.foundation.text import Text, same
from webapp.context import now, services, signed_in

log = logging.getLogger(__name__)

STATUS: Mapping[type[ShouhouError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    InvalidAnswers: 422,
    TooManyAttempts: 429,
    TooOften: 429,
    Rejection: 422,
    ProblemsFound: 422,
    Unavailable: 503,
    DiagramFailed: 500,
}
RETRY_AFTER_SECONDS = "2"
PORTAL = (
    "/portal/"  # whoever reads an error there has no account: nothing on the page may lead to the sign-in
)
SECRETS = frozenset({"password", "current", "new", "again", "code"})  # never shown back, nor sent again
NOT_ANSWERS = SECRETS | {"csrf_token", "idempotency_key", "next", "row", "revision"}


def register(app: Flask) -> None:
    """Answer every error with a page, or with a notice when htmx asked."""
    app.before_request(_name_request)
    app.after_request(_show_name)
    app.register_error_handler(ShouhouError, _engine)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _web)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: ShouhouError) -> int:
    """The HTTP status for an error of the engine: that of its nearest known kind."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _engine(error: ShouhouError) -> ResponseReturnValue:
    status = status_of(error)
    if isinstance(error, Forbidden):
        _record(error)
    if status >= 500:
        log.error("request %s: %s", g.request_id, error.text.en, exc_info=error)
    return _answer(status, error.text)


def _record(refusal: Forbidden) -> None:
    log_refusal(services().database, refusal, actor=signed_in(), at=now(), target=request.path)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return _answer(400, _STALE)


def _web(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return _answer(error.code or 500, _WEB.get(error.code or 500, _UNEXPECTED))


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("request %s failed", g.get("request_id"), exc_info=error)
    return _answer(500, _UNEXPECTED)


def _answer(status: int, text: Text) -> Response:
    shared = {"status": status, "text": text, "title": _TITLES.get(status, _TITLES[500])}
    shared["of_customer"] = request.path.startswith(PORTAL)
    if request.headers.get("HX-Request"):
        # The page stays as it is, with everything that was typed; only a notice is added.
        answer = make_response(render_template("_problem.html", **shared), status)
        answer.headers["HX-Reswap"] = "none"
    else:
        answer = make_response(
            render_template(
                "problem.html", entered=_entered(status), repeatable=_repeatable(status), **shared
            ),
            status,
        )
    if status == 503:
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return answer


def _entered(status: int) -> list[tuple[str, Text | None, Text]]:
    """What was typed: field, its label if the view knew it, value in words; a request that is too large is not read."""
    labels: Mapping[str, Text] = g.get("field_labels", {})
    words: Mapping[tuple[str, str], Text] = g.get("choice_words", {})
    readable = request.method == "POST" and status != 413
    pairs = request.form.items(multi=True) if readable else ()
    return [
        (name, labels.get(name.split(".")[0]), words.get((name, value), same(value)))
        for name, value in pairs
        if value and name not in NOT_ANSWERS
    ]


def _repeatable(status: int) -> list[tuple[str, str]]:
    """Fields with which the same request may be sent again: its idempotency key lets it happen only once."""
    if status not in (400, 503) or request.method != "POST" or SECRETS & request.form.keys():
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _name_request() -> None:
    g.request_id = uuid.uuid4().hex[:12]


def _show_name(answer: Response) -> Response:
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    return answer


_TITLES = {
    400: Text(zh="页面已过期", en="The page is too old"),
    403: Text(zh="没有权限", en="Not permitted"),
    404: Text(zh="没有找到", en="Not found"),
    405: Text(zh="不能这样访问", en="Not possible this way"),
    409: Text(zh="情况已变化", en="Things have changed"),
    413: Text(zh="内容过大", en="Too large"),
    422: Text(zh="需要修改", en="A correction is needed"),
    429: Text(zh="请稍候", en="Please wait"),
    500: Text(zh="出现异常", en="Something failed"),
    503: Text(zh="暂时无法处理", en="Not possible at the moment"),
}
_STALE = Text(
    zh="此页面打开时间过长或登录已变化, 提交没有生效。您填写的内容在下面, 请重新提交。",
    en="This page was open for too long or the sign-in has changed, so nothing was applied. What you entered is below; submit it again.",
)
_UNEXPECTED = Text(
    zh="系统出现未预料的错误, 已记录。请稍后重试; 如再次出现, 请把请求编号告诉系统管理员。",
    en="Something unexpected went wrong and was recorded. Try again; if it happens again, tell the administrator the request number.",
)
_WEB = {
    404: Text(
        zh="没有这个页面, 或它已被移走。请从左侧菜单或首页进入。",
        en="There is no such page, or it has moved. Start from the menu or the first page.",
    ),
    405: Text(
        zh="此地址不能直接打开。请从原页面的按钮操作。",
        en="This address cannot be opened directly. Use the button on the page.",
    ),
    413: Text(
        zh="提交的内容超过上限, 没有保存。请减小附件后重试。",
        en="What was sent is larger than the limit and was not saved. Make attachments smaller and try again.",
    ),
    429: Text(
        zh="请求过于频繁。请等一分钟后再试。",
        en="Too many requests in a short time. Wait a minute and try again.",
    ),
    400: Text(
        zh="请求的内容无法理解, 没有生效。请返回上一页重试。",
        en="The request could not be understood, and nothing was applied. Go back and try again.",
    ),
}

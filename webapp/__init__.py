"""The pages: they translate between people and the engine, and decide nothing."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from engine.foundation.database import Database
from engine.foundation.settings import Settings
from webapp import (
    access,
    account,
    answers,
    assets,
    attachments,
    auth,
    browser_words,
    context,
    formatting,
    fragments,
    health,
    interventions,
    language,
    logs,
    navigation,
    pages,
    papers,
    plain_text,
    portal,
    problems,
    schedules,
    security_headers,
    single_sign_on,
)

if TYPE_CHECKING:
    from engine.cases import Cases

HOME_ENDPOINT = "inbox.mine"
LARGEST_REQUEST = 16 * 1024 * 1024
# Who asks and in which language is known before a form's secret is checked, so that a refusal can be put in words.
BEFORE_FORMS = (problems, logs, auth, language, plain_text)
PARTS = (
    assets,
    account,
    formatting,
    navigation,
    browser_words,
    pages,
    attachments,
    portal,
    interventions,
    papers,
    schedules,
    health,
)


def create_app(
    *, database: Database, cases: Cases, settings: Settings, clock: context.Clock, testing: bool = False
) -> Flask:
    """The application; `clock` answers the present moment, aware UTC, and is read once per request."""
    app = Flask(__name__, static_folder=None)
    app.testing = testing
    app.extensions[context.EXTENSION] = context.Services(database, cases, settings, clock)
    https = settings.base_url.startswith("https://")
    _configure(app, settings, https=https)
    for part in BEFORE_FORMS:
        part.register(app)
    CSRFProtect(app)
    security_headers.register(app, https=https, sign_in_origin=settings.oidc_issuer)
    for part in PARTS:
        part.register(app)
    single_sign_on.register(app, settings)
    app.add_url_rule("/", "home", _home)
    access.require_declared(app)
    return app


def _configure(app: Flask, settings: Settings, *, https: bool) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        SESSION_COOKIE_NAME="form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
    )
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(
        new_key=context.new_key,
        form_inputs=answers.inputs,
        form_summary=answers.summary,
        is_fragment=fragments.is_fragment,
    )


def _home() -> ResponseReturnValue:
    if HOME_ENDPOINT in current_app.view_functions:
        return redirect(url_for(HOME_ENDPOINT))
    return render_template("welcome.html")

"""What an operator may set from outside: command line first, then SHOUHOU_* in the environment, then a visible default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

DEFAULT_DATABASE = "sqlite:///var/shouhou.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """One running installation; nothing here changes while it runs."""

    database_url: str = DEFAULT_DATABASE
    demo: bool = False  # lists one sign-in per group on the login page; never on a real installation
    secret_key: str = ""  # signs CSRF tokens; made on first start when empty
    time_zone: str = "Asia/Shanghai"  # zone in which people read times and calendars count
    mail_url: str = ""  # Apprise URL, e.g. mailto://host:port ; empty: mail is kept in the outbox
    mail_from: str = "service@example.invalid"
    chat_urls: str = (
        ""  # further Apprise URLs (WeCom, DingTalk, Feishu ...), separated by spaces: messages to groups
    )
    mail_in_url: str = ""  # imaps://user:password@host/folder ; empty: no mailbox is read
    mail_in_seconds: float = 60.0
    portal_link_days: int = 90  # how long a customer's link to a case opens it
    base_url: str = "http://127.0.0.1:8000"
    hotline: str = ""  # the telephone number that customers' pages show (R-001)
    session_idle_minutes: int = 120
    session_hours: int = 12
    second_factor_groups: str = (
        ""  # groups whose members must sign in with a second factor, separated by spaces
    )
    tick_seconds: float = 0.5  # what is due is done within a second of it, also on a busy machine
    live_cases: int = 512  # cases kept ready in memory per process
    audit_folder: str = "var/audit"  # signed checkpoints outside the database, and their key; empty: none
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""


def from_environment(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Settings from SHOUHOU_* variables; raises ShouhouError naming the variable that cannot be read."""
    values: dict[str, object] = {}
    for name, kind in Settings.__annotations__.items():
        variable = f"SHOUHOU_{name.upper()}"
        if variable in environment:
            values[name] = _read(variable, environment[variable], str(kind))
    values.update({k: v for k, v in overrides.items() if v is not None})
    return Settings(**values)  # type: ignore[arg-type]


def _read(variable: str, word: str, kind: str) -> object:
    try:
        if kind == "bool":
            return {"1": True, "true": True, "0": False, "false": False}[word.lower()]
        return {"int": int, "float": float, "str": str}[kind](word)
    except (KeyError, ValueError) as error:
        raise ShouhouError(
            Text(
                zh=f"环境变量 {variable} 应为 {kind}, 实际为 {word!r}; 请更正后再启动。",
                en=f"Expected {variable} to be {kind}, but found {word!r}; correct it and start again.",
            )
        ) from error


def source_folder() -> Path:
    """Where `processes/` and `forms/` are: beside the packages in a checkout, inside the engine in a wheel."""
    here = Path(__file__).resolve().parents[2]
    packed = here / "engine" / "_library"
    return packed if packed.is_dir() else here

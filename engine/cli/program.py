"""The program itself, and what its commands share: settings, an open database, the present moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from engine.cli.speech import Command, Sentences, option
from engine.foundation.database import Database
from engine.foundation.settings import Settings, from_environment
from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.cases import Cases

command: Callable[..., Callable[[Callable[..., Any]], Command]] = partial(click.command, cls=Command)


@click.group(
    cls=Sentences,
    context_settings={"help_option_names": ["-h", "--help"]},
    told=Text(
        zh="售后 Shouhou: 让书面的售后服务流程真正运行的服务台。",
        en="Shouhou: an after-sales service desk whose written procedures run.",
    ),
)
@option(
    "--database-url",
    told=Text(
        zh="sqlite:///文件 或 postgresql+psycopg://…; 也可用 SHOUHOU_DATABASE_URL。",
        en="sqlite:///FILE or postgresql+psycopg://…; also SHOUHOU_DATABASE_URL.",
    ),
)
@click.pass_context
def main(ctx: click.Context, database_url: str | None) -> None:
    """Read the settings; each command takes what it needs."""
    ctx.obj = from_environment(database_url=database_url)


@contextmanager
def opened(settings: Settings) -> Iterator[Cases]:
    """The cases of the database, whose tables are brought up to date first."""
    from engine.cases import Cases

    bring_up_to_date(settings)
    database = Database(settings.database_url)
    try:
        yield Cases(database, settings)
    finally:
        database.dispose()


def bring_up_to_date(settings: Settings) -> None:
    """Create the tables or bring them to this version."""
    from engine.foundation.migrations import upgrade

    upgrade(settings.database_url)


def present() -> datetime:
    """The moment at which the operator acts."""
    return datetime.now(UTC)

"""The operator's language: help, refusals and closing lines are Chinese or English, as the environment asks."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import click

from engine.foundation.errors import ProblemsFound, ShouhouError
from engine.foundation.text import Language, Text

VARIABLES = ("SHOUHOU_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first one that is set decides


def language() -> Language:
    """The language in which the operator is spoken to."""
    said = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "")
    return "zh" if said.startswith("zh") else "en"


def say(text: Text, **values: object) -> None:
    """One line to the operator."""
    click.echo(text.format(**values).in_(language()))


class Formatter(click.HelpFormatter):
    """Click's own words in the operator's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line of a help text."""
        super().write_usage(prog, _own(args), prefix or _own("Usage: "))

    def write_heading(self, heading: str) -> None:
        """The line above a list of options or commands."""
        super().write_heading(_own(heading))


class Context(click.Context):
    """What a command is called in; click asks it for the formatter."""

    formatter_class = Formatter


class Option(click.Option):
    """An option that says what it is for in both languages."""

    def __init__(self, *names: Any, told: Text | None = None, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.told = told

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its sentence."""
        self.help = self.told.in_(language()) if self.told is not None else self.help
        record = super().get_help_record(ctx)
        return record and (record[0], _own(record[1]))


class Command(click.Command):
    """A command that says what it does in both languages."""

    context_class = Context

    def __init__(self, *words: Any, told: Text, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self.told = told

    def get_short_help_str(self, limit: int = 45) -> str:
        """Its line in the list of commands."""
        return self.told.in_(language()).splitlines()[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it does, at length."""
        self.help = self.told.in_(language())
        super().format_help_text(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option that shows this help."""
        return _spoken(super().get_help_option(ctx))


class Sentences(click.Group):
    """A group whose commands end with the engine's own sentence and exit status 1 when they are refused."""

    command_class = Command
    context_class = Context

    def __init__(self, *words: Any, told: Text, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self.told = told

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; print a refusal instead of a stack trace."""
        try:
            return super().invoke(ctx)
        except ProblemsFound as found:
            for problem in found.problems:
                click.echo(problem.in_(language()), err=True)
        except ShouhouError as error:
            click.echo(error.text.in_(language()), err=True)
        return ctx.exit(1)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the program is."""
        self.help = self.told.in_(language())
        super().format_help_text(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option that shows this help."""
        return _spoken(super().get_help_option(ctx))


option = partial(click.option, cls=Option)


def _spoken(given: click.Option | None) -> click.Option | None:
    if given is not None:
        given.help = _HELP.in_(language())
    return given


def _own(words: str) -> str:
    """Click's fixed words; it knows no Chinese."""
    for english, chinese in _CLICK.items() if language() == "zh" else ():
        words = words.replace(english, chinese)
    return words


_HELP = Text(zh="显示此说明并退出。", en="Show this message and exit.")
_CLICK = {
    "Usage: ": "用法: ",
    "Options": "选项",
    "Commands": "命令",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "[default: ": "[默认: ",
    "required]": "必填]",
}

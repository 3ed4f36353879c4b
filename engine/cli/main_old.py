"""What an operator types: `shouhou COMMAND`. Each command opens the database, calls one act, and prints sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.foundation.database import Database
from engine.foundation.errors import ProblemsFound, ShouhouError
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings, from_environment, source_folder

if TYPE_CHECKING:
    from engine.cases import Cases


class Sentences(click.Group):
    """A group whose commands end with the engine's own sentence and exit status 1 when they are refused."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; print a refusal instead of a stack trace."""
        try:
            return super().invoke(ctx)
        except ProblemsFound as found:
            for problem in found.problems:
                click.echo(problem.in_(_language()), err=True)
        except ShouhouError as error:
            click.echo(error.text.in_(_language()), err=True)
        return ctx.exit(1)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--database-url", help="sqlite:///FILE or postgresql+psycopg://…; also SHOUHOU_DATABASE_URL.")
@click.pass_context
def main(ctx: click.Context, database_url: str | None) -> None:
    """Shouhou: an after-sales service desk whose written procedures run."""
    ctx.obj = from_environment(database_url=database_url)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--cases",
    "how_many",
    default=90,
    show_default=True,
    help="How many cases to play; calendars and cases open more.",
)
@click.option("--only-prepare", is_flag=True, help="Build the demonstration and stop.")
@click.pass_obj
def demo(settings: Settings, port: int, host: str, how_many: int, only_prepare: bool) -> None:
    """Build a demonstration (once) and serve it on http://127.0.0.1:8000."""
    from engine.acts.demo import prepare

    prepare(settings, how_many=how_many, folder=source_folder(), now=_now(), say=click.echo)
    if not only_prepare:
        click.echo(f"http://{host}:{port}  (Ctrl+C ends it)")
        _serve(settings, host=host, port=port, workers=1, demo=True)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--workers", default=0, help="Server processes; default 1 on SQLite, one per core on PostgreSQL."
)
@click.option("--database-url", "own_url", help="The database to serve.")
@click.pass_obj
def serve(settings: Settings, port: int, host: str, workers: int, own_url: str | None) -> None:
    """Serve the pages with gunicorn; timers and notifications run inside."""
    settings = from_environment(database_url=own_url or settings.database_url)
    _migrate(settings)
    many = workers or (1 if settings.database_url.startswith("sqlite") else os.cpu_count() or 2)
    if settings.database_url.startswith("sqlite") and many > 1:
        raise click.UsageError("SQLite is served by one process; use PostgreSQL for several.")
    _serve(settings, host=host, port=port, workers=many, demo=settings.demo)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--language", type=click.Choice(["zh", "en"]), default=None)
@click.option("--clauses", is_flag=True, help="Also say how much of the written procedure is realised.")
def check(paths: tuple[Path, ...], language: str | None, clauses: bool) -> None:
    """Lint diagrams, decision tables, forms and clauses: one line per problem, exit status 1 when there is any.

    PATHS are folders that hold processes/ and forms/, or single files of such a folder (then only their lines are
    shown); without PATHS the library that ships with the product is checked.
    """
    from engine.acts.publishing import check as problems_of
    from engine.acts.publishing import coverage_of, gather

    gathered = gather(paths or (source_folder(),))
    shown = [p for p in problems_of(gathered.files, tests=gathered.tests) if gathered.shows(p.file)]
    for problem in shown:
        click.echo(problem.in_(language or _language()))
    if clauses:
        click.echo(coverage_of(gathered.files).text.in_(language or _language()))
    if shown:
        sys.exit(1)
    click.echo(f"{len(gathered.files)} files, no problem")


@main.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def tidy(files: tuple[Path, ...]) -> None:
    """Lay diagrams out: lanes, the happy path straight, exceptions below; only the drawing changes."""
    from engine.bpmn.tidy import tidy as laid_out

    for file in files:
        before = file.read_bytes()
        after = laid_out(before, file=file.name)
        if after != before:
            file.write_bytes(after)
        click.echo(f"{file}: {'laid out' if after != before else 'unchanged'}")


@main.command()
@click.argument("folder", default=None, required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="What changed, for the list of releases.")
@click.pass_obj
def publish(settings: Settings, folder: Path | None, note: str) -> None:
    """Check the files of FOLDER (processes/ and forms/) and make them the next release."""
    from engine.acts.publishing import publish_folder

    with _cases(settings) as cases:
        number = publish_folder(cases, folder or source_folder(), actor=SYSTEM, now=_now(), note=note)
        click.echo(f"release {number}")


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Create the tables or bring them to this version; running it twice changes nothing."""
    _migrate(settings)
    click.echo("the database is up to date")


@main.command()
@click.option("--all", "everything", is_flag=True, help="Every case; the default.")
@click.option("--case", "number", help="One case, by its number.")
@click.pass_obj
def verify(settings: Settings, everything: bool, number: str | None) -> None:
    """Prove the histories: chains whole, and every case re-executed from its recorded inputs."""
    from engine.acts import replay, sealing
    from engine.acts.worklist import case_id

    with _cases(settings) as cases:
        one = [case_id(cases, number)] if number and not everything else None
        report = replay.verify_all(cases) if one is None else replay.verify_cases(cases, one)
        contradictions = sealing.standing(cases)
        for line in [*report.lines, *(finding.text.in_(_language()) for finding in contradictions)]:
            click.echo(line)
    if contradictions or not report.whole:
        sys.exit(1)


@main.command()
@click.argument("number")
@click.pass_obj
def replay(settings: Settings, number: str) -> None:
    """Print the history of one case in sentences, step by step."""
    from engine.acts.reading import case_page

    with _cases(settings) as cases:
        for entry in case_page(cases, number, actor=SYSTEM, now=_now()).history:
            click.echo(f"{entry.seq:4} {entry.at:%Y-%m-%d %H:%M}Z  {entry.sentence.in_(_language())}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--release", type=int, help="Default: the newest.")
@click.pass_obj
def export(settings: Settings, folder: Path, release: int | None) -> None:
    """Write the diagrams, tables and forms of a release into FOLDER."""
    from engine.acts.publishing import export as written

    with _cases(settings) as cases:
        for path in written(cases, release=release, folder=folder):
            click.echo(str(path))


@main.command()
@click.option("--month", "period", help="Such as 2026-10, or a year; default: the last month that is over.")
@click.option("--publish", "publishes", is_flag=True, help="Publish what was not published yet.")
@click.pass_obj
def figures(settings: Settings, period: str | None, publishes: bool) -> None:
    """Print the figures of a month or year; what was published stays as it was published."""
    from engine.acts import report_files, reports

    with _cases(settings) as cases:
        name = period or reports.last_month(cases, now=_now())
        if publishes:
            count = reports.publish_period(cases, name, actor=SYSTEM, now=_now())
            click.echo(f"{count} figures published")
        for line in report_files.lines(reports.report(cases, name, actor=SYSTEM, now=_now()), _language()):
            click.echo(line)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the running database into FILE (SQLite); on PostgreSQL use pg_dump."""
    from engine.foundation.backup import copy_database

    copy_database(settings.database_url, file)
    click.echo(f"{file} written; check it with: shouhou --database-url sqlite:///{file} verify --all")


@main.command()
@click.argument("person")
@click.option("--name", required=True)
@click.option("--groups", default="", help="Group ids, separated by commas.")
@click.option("--email")
@click.password_option()
@click.pass_obj
def user(settings: Settings, person: str, name: str, groups: str, email: str | None, password: str) -> None:
    """Add a person who signs in as PERSON."""
    from engine.desk import people

    chosen = [g.strip() for g in groups.split(",") if g.strip()]
    with _cases(settings) as cases, cases.database.write() as tx:
        people.add_person(tx, id=person, name=name, email=email, groups=chosen, at=_now(), actor=SYSTEM)
        people.set_password(tx, person, password, actor=SYSTEM)
    click.echo(f"{person} may sign in")


@main.command()
@click.option("--quick", is_flag=True, help="Fewer rounds and rows.")
@click.option("--postgresql-url", help="A PostgreSQL database that may be emptied.")
def bench(quick: bool, postgresql_url: str | None) -> None:
    """Measure the figures of the README's benchmarks section on this machine."""
    from engine.acts.bench import run_bench

    run_bench(quick=quick, postgresql_url=postgresql_url, say=click.echo)


@contextmanager
def _cases(settings: Settings) -> Iterator[Cases]:
    from engine.cases import Cases

    _migrate(settings)
    database = Database(settings.database_url)
    try:
        yield Cases(database, settings)
    finally:
        database.dispose()


def _migrate(settings: Settings) -> None:
    from engine.foundation.migrations import upgrade

    upgrade(settings.database_url)


def _serve(settings: Settings, *, host: str, port: int, workers: int, demo: bool) -> None:
    environment = dict(os.environ)
    environment |= {"SHOUHOU_DATABASE_URL": settings.database_url, "SHOUHOU_DEMO": "1" if demo else "0"}
    words = [sys.executable, "-m", "gunicorn", "webapp.wsgi:create()", "--bind", f"{host}:{port}"]
    words += ["--worker-class", "gthread", "--workers", str(workers), "--threads", "8", "--no-control-socket"]
    os.execve(sys.executable, words, environment)  # noqa: S606 - the server takes this process's place


def _language() -> str:
    return "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()

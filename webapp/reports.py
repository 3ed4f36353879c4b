"""Reports: the figures of a month or year, each opened down to its cases; publishing, correcting, exporting."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import figure_changes, figure_definitions, report_files
from engine.acts import reports as acts
from engine.foundation.figure_kinds import SECTIONS
from engine.foundation.security import may
from webapp import report_charts
from webapp.context import actor, language, now, services

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

SHOWN = 100  # members of a figure on one page; all of them are in the file
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The report of the month that was over most recently."""
    return redirect(url_for("reports.show", period=acts.last_month(services().cases, now=now())))


@blueprint.get("/<period>")
def show(period: str) -> str:
    """A monthly or yearly report: figures, charts and tables by section, definitions at the end."""
    report = acts.report(services().cases, period, actor=actor(), now=now())
    return render_template(
        "reports/report.html",
        report=report,
        sections=SECTIONS,
        charts=report_charts.charts_of(report),
        may_publish=may(actor(), "publish_figures"),
        open_changes=len(figure_changes.waiting(services().cases, actor=actor())),
    )


@blueprint.get("/<period>/report.csv")
def as_csv(period: str) -> Response:
    """The figures as one table."""
    report = acts.report(services().cases, period, actor=actor(), now=now())
    return _file(report_files.report_csv(report, language()), f"{period}.csv", CSV)


@blueprint.get("/<period>/report.xlsx")
def as_xlsx(period: str) -> Response:
    """The figures, their tables and their definitions as a workbook."""
    report = acts.report(services().cases, period, actor=actor(), now=now())
    return _file(report_files.report_xlsx(report, language()), f"{period}.xlsx", XLSX)


@blueprint.get("/<period>/figures/<figure>")
def figure(period: str, figure: str) -> str:
    """One figure: how it is defined, what it is made of, the cases behind it, what was published."""
    page = acts.figure_page(services().cases, period, figure, actor=actor(), now=now())
    part, after = request.args.get("part"), max(0, request.args.get("after", 0, int))
    members = [m for m in page.members if part is None or m.part == part]
    return render_template(
        "reports/figure.html",
        page=page,
        part=part,
        members=members[after : after + SHOWN],
        before=max(0, after - SHOWN) if after else None,
        more=after + SHOWN if len(members) > after + SHOWN else None,
        unit=report_files.amount_unit(page.line),
        charts=report_charts.charts_of_figure(page),
    )


@blueprint.get("/<period>/figures/<figure>/cases.csv")
def figure_as_csv(period: str, figure: str) -> Response:
    """The cases behind one figure as a table."""
    page = acts.figure_page(services().cases, period, figure, actor=actor(), now=now())
    return _file(report_files.figure_csv(page, language()), f"{period}-{figure}.csv", CSV)


@blueprint.post("/<period>/publish")
def publish(period: str) -> ResponseReturnValue:
    """Publish what was not published yet."""
    count = acts.publish_period(services().cases, period, actor=actor(), now=now())
    flash(_("%(n)s figures of %(period)s are published.", n=count, period=period), "success")
    return redirect(url_for("reports.show", period=period), code=303)


@blueprint.get("/<period>/differences")
def differences(period: str) -> str:
    """What a recalculation would change of what was published."""
    found = figure_changes.differences(services().cases, period, actor=actor(), now=now())
    waiting = figure_changes.waiting(services().cases, actor=actor())
    return render_template(
        "reports/differences.html",
        period=period,
        differences=found,
        waiting={(one.change.period, one.change.figure) for one in waiting},
        labels=figure_changes.names(services().cases, actor=actor()),
        may_publish=may(actor(), "publish_figures"),
    )


@blueprint.post("/<period>/figures/<figure>/change")
def propose(period: str, figure: str) -> ResponseReturnValue:
    """Put a recalculated figure before the signers."""
    reason = request.form.get("reason", "")
    figure_changes.propose(services().cases, period, figure, reason=reason, actor=actor(), now=now())
    flash(_("The change waits for the signatures of quality control and of the vice president."), "success")
    return redirect(url_for("reports.changes"), code=303)


@blueprint.get("/definitions/<figure>/<int:version>")
def definition(figure: str, version: int) -> str:
    """One version of a definition as it was published, and which others there are."""
    page = figure_definitions.definition_page(services().cases, figure, version, actor=actor())
    return render_template("reports/definition.html", page=page)


@blueprint.get("/changes")
def changes() -> str:
    """The changes that wait for signatures."""
    return render_template(
        "reports/changes.html",
        changes=figure_changes.waiting(services().cases, actor=actor()),
        may_sign=may(actor(), "sign_figures"),
    )


@blueprint.post("/changes/<uuid:change>/sign")
def sign(change: UUID) -> ResponseReturnValue:
    """Sign a change; the second signature makes it count."""
    if figure_changes.sign(services().cases, change, actor=actor(), now=now()):
        flash(_("Both have signed: the new value counts, the old one stays readable."), "success")
    else:
        flash(_("Signed. The other signature is still missing."), "success")
    return redirect(url_for("reports.changes"), code=303)


@blueprint.post("/changes/<uuid:change>/reject")
def reject(change: UUID) -> ResponseReturnValue:
    """Turn a change down."""
    figure_changes.reject(services().cases, change, actor=actor(), now=now())
    flash(_("The change was turned down; the published figure stays."), "success")
    return redirect(url_for("reports.changes"), code=303)


def _file(content: bytes, name: str, kind: str) -> Response:
    disposition = f'attachment; filename="shouhou-{name}"'
    return Response(content, content_type=kind, headers={"Content-Disposition": disposition})

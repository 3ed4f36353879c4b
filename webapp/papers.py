"""Papers: what a case has to show on A4, each sheet in both languages at once."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, url_for
from markupsafe import Markup

from engine.acts import service_report as service_reports
from engine.acts.case_reading import CasePage
from engine.foundation.text import Text
from webapp.context import actor, now, services

blueprint = Blueprint("papers", __name__, url_prefix="/cases/<number>/papers")

SERVICE_REPORT = Text(zh="服务报告", en="Service report")
HEADINGS = {
    "case": Text(zh="案例", en="Case"),
    "customer": Text(zh="客户", en="Customer"),
    "device": Text(zh="设备", en="Device"),
    "engineer": Text(zh="工程师", en="Engineer"),
    "received": Text(zh="受理时间", en="Received"),
    "reported": Text(zh="报告内容", en="What was reported"),
    "visit": Text(zh="现场服务", en="Service on site"),
    "confirmation": Text(zh="客户确认", en="Word of the customer"),
    "signature": Text(zh="客户签字", en="Signature of the customer"),
    "copies": Text(zh="两份副本的确认", en="Acknowledgement of both copies"),
    "open": Text(zh="尚未确认", en="Not acknowledged yet"),
    "print": Text(zh="请用浏览器打印 (A4)。", en="Print with the browser (A4)."),
}


@blueprint.get("/service-report")
def service_report(number: str) -> str:
    """The service report of a case, to print and to sign."""
    sheet = service_reports.service_report(services().cases, number, actor=actor(), now=now())
    return render_template("papers/service_report.html", sheet=sheet, title=SERVICE_REPORT, words=HEADINGS)


def both(text: Text) -> Markup:
    """Chinese with the English beside it, once when they are the same."""
    if text.zh == text.en:
        return Markup("{}").format(text.zh)
    return Markup('<span lang="zh">{}</span> <span class="other" lang="en">{}</span>').format(
        text.zh, text.en
    )


def papers_of(case: CasePage) -> list[tuple[Text, str]]:
    """The sheets that a case has so far: their names and addresses."""
    written = any(
        service_reports.REPORT in (frame.marks.get(service_reports.PROCESS) or {}).get("done", ())
        for frame in case.frames
    )
    address = url_for("papers.service_report", number=case.case.number)
    return [(SERVICE_REPORT, address)] if written else []


def register(app: Flask) -> None:
    """Add these addresses, and tell templates which sheets a case has."""
    app.register_blueprint(blueprint)
    app.template_filter("both")(both)
    app.context_processor(lambda: {"papers_of": papers_of})

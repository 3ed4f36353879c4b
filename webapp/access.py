"""Under which policy each address stands. The table decides nothing: it says what the engine's `require` is to decide."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from engine.foundation.policies import POLICIES

PUBLIC = "public"  # anybody
LINK = "customer's link"  # whoever holds a secret link to a case, and that case only
SIGNED_IN = "signed in"  # every colleague; what it shows or changes is their own
KEEP = "keep this register"  # the act that the register itself names
KEEP_ANY = (  # those of all registers: a workbook has a sheet for each, and sheet by sheet the engine asks again
    "keep_assets or keep_bulletins or keep_contracts or keep_customers or keep_duty or keep_supply"
    " or manage_people or write_knowledge"
)

ACCESS: Mapping[str, tuple[str, ...]] = {
    name: tuple(acts.split(" or "))
    for name, acts in {
        "account.begin": SIGNED_IN,
        "account.change_password": SIGNED_IN,
        "account.confirm": SIGNED_IN,
        "account.recovery_codes": SIGNED_IN,
        "account.second_factor": SIGNED_IN,
        "account.show": SIGNED_IN,
        "account.sign_out_everywhere": SIGNED_IN,
        "account.turn_off": SIGNED_IN,
        "assets.file": PUBLIC,
        "attachments.add": "add_attachment or add_note",
        "attachments.file": "see_attachments",
        "auth.enter": PUBLIC,
        "auth.enter_demo": PUBLIC,
        "auth.give": PUBLIC,
        "auth.leave": PUBLIC,
        "auth.page": PUBLIC,
        "auth.second_step": PUBLIC,
        "calendar.confirm": "manage_calendar",
        "calendar.set_day": "manage_calendar",
        "calendar.set_hours": "manage_calendar",
        "calendar.show": SIGNED_IN,
        "cases.begin": "open_case",
        "cases.index": "see_case",
        "cases.new": "open_case",
        "cases.pause": "pause_case",
        "cases.resume": "pause_case",
        "cases.show": "see_case",
        "cases.start": "open_case",
        "cases.verification": "verify",
        "clauses.index": "see_processes",
        "clauses.show": "see_processes",
        "customer_links.give": "manage_customer_links",
        "dashboard.index": "see_figures",
        "duty.add": "keep_duty",
        "duty.index": "see_registers",
        "duty.remove": "keep_duty",
        "exchange.confirm": KEEP,
        "exchange.confirm_workbook": KEEP_ANY,
        "exchange.export": "export_register",
        "exchange.export_workbook": "export_register",
        "exchange.preview": KEEP,
        "exchange.preview_workbook": KEEP_ANY,
        "exchange.template": "see_registers",
        "exchange.upload": KEEP,
        "exchange.workbook": KEEP_ANY,
        "exchange.workbook_template": KEEP_ANY,
        "filters.counts": SIGNED_IN,
        "filters.keep": SIGNED_IN,
        "filters.remove": SIGNED_IN,
        "filters.rename": SIGNED_IN,
        "filters.restore": SIGNED_IN,
        "health": PUBLIC,
        "home": SIGNED_IN,
        "inbox.group": "see_queue",
        "inbox.groups": SIGNED_IN,
        "inbox.lines": "see_queue",
        "inbox.mine": SIGNED_IN,
        "intake.known": "open_case",
        "intake.matches": "open_case",
        "interventions.cancel": "intervene",
        "interventions.move": "intervene",
        "interventions.show": "intervene",
        "knowledge.from_case": "write_knowledge",
        "knowledge.index": "see_registers",
        "handing_over.give": "delegate_task or reassign_task",
        "handing_over.show": "delegate_task or reassign_task",
        "handing_over.take_back": "take_back_task",
        "knowledge.link": "write_knowledge",
        "knowledge.review": "review_knowledge",
        "knowledge.show": "see_registers",
        "language.switch": PUBLIC,
        "operations.incidents": "see_incidents",
        "operations.retry": "retry_incident",
        "operations.timers": "see_case",
        "papers.service_report": "see_case",
        "people.add": "manage_people",
        "people.be_away": "set_absence",
        "people.be_back": "set_absence",
        "people.change": "manage_people",
        "people.change_absence": "set_absence",
        "people.index": "see_people",
        "people.new": "manage_people",
        "people.reset_second_factor": "reset_second_factor",
        "people.show": "see_people",
        "portal.act": LINK,
        "portal.file": LINK,
        "portal.show": LINK,
        "portal_report.page": PUBLIC,
        "portal_report.report": PUBLIC,
        "processes.form": "see_processes",
        "processes.index": "see_processes",
        "processes.picture_of": "see_processes",
        "processes.release": "see_processes",
        "processes.releases": "see_processes",
        "processes.show": "see_processes",
        "processes.table": "see_processes",
        "registers.add": KEEP,
        "registers.change": KEEP,
        "registers.index": "see_registers",
        "registers.listing": "see_registers",
        "registers.new": KEEP,
        "registers.restore": KEEP,
        "registers.retire": KEEP,
        "registers.show": "see_registers",
        "reports.as_csv": "see_figures",
        "reports.as_xlsx": "see_figures",
        "reports.changes": "see_figures",
        "reports.definition": "see_figures",
        "reports.differences": "see_figures",
        "reports.figure": "see_figures",
        "reports.figure_as_csv": "see_figures",
        "reports.index": "see_figures",
        "reports.propose": "publish_figures",
        "reports.publish": "publish_figures",
        "reports.reject": "sign_figures",
        "reports.show": "see_figures",
        "reports.sign": "sign_figures",
        "schedules.index": "see_case",
        "single_sign_on.back": PUBLIC,
        "single_sign_on.start": PUBLIC,
        "tasks.act": "send_message",
        "tasks.action": "send_message",
        "tasks.claim": "take_task",
        "tasks.complete": "take_task",
        "tasks.draft": "draft_task",
        "tasks.release": "release_task",
        "tasks.show": "see_case",
        "undelivered.index": "see_outbox",
        "undelivered.settle": "resend",
    }.items()
}
"""The acts of `POLICIES`, any one of which opens an address; or one of the words above."""


class Undeclared(RuntimeError):
    """An address stands under no policy, or under one that is not there."""


def require_declared(app: Flask) -> None:
    """Pass when every address of the application stands in the table; raises Undeclared, so that it does not start."""
    views = app.view_functions
    wrong = [f"{name}: no policy; name one in webapp/access.py" for name in views if name not in ACCESS]
    wrong += [f"{name}: marked public, or not, against the table" for name in views if not _agrees(app, name)]
    words = {PUBLIC, LINK, SIGNED_IN, KEEP, *POLICIES}
    wrong += [f"{name}: no such act" for name, acts in ACCESS.items() if not words.issuperset(acts)]
    if wrong:
        raise Undeclared("Expected one policy for each address, but found " + "; ".join(wrong))


def _agrees(app: Flask, name: str) -> bool:
    open_to_all = bool({PUBLIC, LINK} & set(ACCESS.get(name, ())))
    return name not in ACCESS or open_to_all == getattr(app.view_functions[name], "is_public", False)

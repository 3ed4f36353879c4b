"""Help while a report is being typed: what the registers know, an announced fault, what happened before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request

from engine.acts import lookup, similar
from engine.acts.known_faults import known_fault
from engine.acts.lookup import Known
from engine.bpmn.forms import Form
from webapp.context import actor, services

blueprint = Blueprint("intake", __name__, url_prefix="/intake")

DEVICE = frozenset({"customer", "serial", "model"})
LONGEST = 500  # characters of a description that are compared


@blueprint.get("/known/<field>")
def known(field: str) -> str:
    """Options for a field from what stands in it so far."""
    found = lookup.typed(
        services().cases,
        field,
        request.args.get(field, "")[:LONGEST],
        customer=request.args.get("customer"),
        actor=actor(),
    )
    return render_template("intake/_options.html", found=found)


@blueprint.post("/matches")
def matches() -> str:
    """What is known of the device and the fault that stand in the form so far."""
    cases, who = services().cases, actor()
    serial, model, words = _said("serial"), _said("model"), _said("description")
    fault = known_fault(cases, actor=who, serial=serial, model=model, place=_said("location"), words=words)
    return render_template(
        "intake/_matches.html",
        filled=lookup.filled(cases, serial=serial, customer=_said("customer"), actor=who),
        fault=fault,
        similar=similar.of_report(cases, serial=serial, model=model, words=words, actor=who),
    )


def offered(form: Form | None) -> dict[str, list[Known]]:
    """What the fields of a start form offer at once; nothing for forms that do not ask for a customer or a device."""
    asked = _names(form) & DEVICE
    if not asked:
        return {}
    found = lookup.offered(services().cases, actor=actor())
    contact: dict[str, list[Known]] = {"contact": []} if "contact" in _names(form) else {}
    return {name: found[name] for name in sorted(asked)} | contact


def completed(form: Form | None, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with what the registers know of the device in fields that were left blank."""
    if not raw.get("serial") or "customer" not in _names(form):
        return dict(raw)
    found = lookup.filled(services().cases, serial=str(raw["serial"]), actor=actor())
    blank = {name: value for name, value in found.items() if name in _names(form) and not raw.get(name)}
    return {**raw, **blank}


def _names(form: Form | None) -> frozenset[str]:
    return frozenset(field.name for field in form.fields) if form is not None else frozenset()


def _said(field: str) -> str | None:
    return request.form.get(field, "").strip()[:LONGEST] or None

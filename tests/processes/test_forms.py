"""Forms are short: five things at first sight, and what may be left out lies behind a word."""

from __future__ import annotations

import json

import pytest

from engine.acts.publishing import read_folder
from engine.bpmn.forms import Form, check_source
from engine.bpmn.library import read_library
from engine.foundation.settings import source_folder

AT_FIRST_SIGHT = 5
REASONED = {
    "examine_claim": "Five of the six are filled in from the ledger and only looked at.",
    "inspect_system": "A sheet of readings: each is a limit of the table, and leaving one out is no inspection.",
    "write_result": "Process, result, measures and prevention are each asked for by a clause.",
}
"""The forms that ask more at once, each with the reason."""

FILES = read_folder(source_folder())
FORMS = read_library(FILES).forms


def at_first_sight(form: Form) -> int:
    """How many fields are shown before anything is answered or unfolded."""
    return sum(not field.folded and not field.show_if for field in form.fields)


@pytest.mark.parametrize("form", sorted(FORMS.keys() - REASONED.keys()))
def test_a_form_asks_five_things_at_first_sight(form: str) -> None:
    assert at_first_sight(FORMS[form]) <= AT_FIRST_SIGHT


def test_what_is_excepted_is_still_long_and_has_a_reason() -> None:
    assert [name for name in REASONED if at_first_sight(FORMS[name]) <= AT_FIRST_SIGHT] == []


@pytest.mark.parametrize("field", ["description", "objection"])
def test_what_must_be_answered_is_never_folded(field: str) -> None:
    form = "report_received" if field == "description" else "agree_solution"
    schema = json.loads(next(f.content for f in FILES if f.path == f"forms/{form}.json"))
    schema["properties"][field]["x-folded"] = True
    found = check_source(json.dumps(schema).encode(), file=f"forms/{form}.json")
    assert [(problem.element, problem.rule) for problem in found] == [(field, "form-folded")]

"""Forms (JSON Schema 2020-12): read, checked, shown and answered."""

from engine.bpmn.forms.checks import check_form, check_source
from engine.bpmn.forms.form import Choice, Field, Form
from engine.bpmn.forms.reading import read_form

__all__ = ["Choice", "Field", "Form", "check_form", "check_source", "read_form"]

"""Decision tables (DMN 1.3): read, checked, shown and run by our own small FEEL subset."""

from engine.bpmn.decisions.checks import check_source, check_table
from engine.bpmn.decisions.reading import read_table
from engine.bpmn.decisions.table import DecisionTable, Example, Input, NoRow, Output, Rule

__all__ = [
    "DecisionTable",
    "Example",
    "Input",
    "NoRow",
    "Output",
    "Rule",
    "check_source",
    "check_table",
    "read_table",
]

"""The rules for diagrams: the same in `shouhou check`, at publishing and in the pages."""

from engine.bpmn.rules.check import RULES, check_files

__all__ = ["RULES", "check_files"]

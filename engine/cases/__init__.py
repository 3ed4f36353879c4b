"""THE TRANSACTION: everything that changes a case goes through `Cases.step`, and nothing else commits one."""

from engine.cases.door import AlreadyApplied, Cases, IncidentRaised, Opening

__all__ = ["AlreadyApplied", "Cases", "IncidentRaised", "Opening"]

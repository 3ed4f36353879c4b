"""THE TRANSACTION: everything that changes a case goes through `Cases.step`, and nothing else commits one."""

from engine.cases.door import Cases
from engine.cases.opening import Opening
from engine.cases.outcomes import AlreadyApplied, IncidentRaised

__all__ = ["AlreadyApplied", "Cases", "IncidentRaised", "Opening"]

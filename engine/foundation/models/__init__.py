"""The tables. Every table of a case carries `shard_key` and `case_id` in its keys, so that it can be distributed by case."""

from engine.foundation.models import correspondence, publications, registers
from engine.foundation.models.case import (
    Case,
    CaseLink,
    Clock,
    Counter,
    Draft,
    Incident,
    Outbox,
    QueueCount,
    Task,
    Timer,
)
from engine.foundation.models.company import CalendarDay, Setting
from engine.foundation.models.declaration import Model, OfCase
from engine.foundation.models.history import Checkpoint, Event
from engine.foundation.models.installed_base import Asset, Contract, Customer
from engine.foundation.models.person import (
    Absence,
    AccessLog,
    HalfSignIn,
    Membership,
    Person,
    RateCount,
    RecoveryCode,
    SecondFactor,
    Session,
    SignInAttempt,
    Skill,
)
from engine.foundation.models.release import Content, Release, ReleaseFile
from engine.foundation.models.saved_filter import SavedFilter

__all__ = [
    "Absence",
    "AccessLog",
    "Asset",
    "CalendarDay",
    "Case",
    "CaseLink",
    "Checkpoint",
    "Clock",
    "Content",
    "Contract",
    "Counter",
    "Customer",
    "Draft",
    "Event",
    "HalfSignIn",
    "Incident",
    "Membership",
    "Model",
    "OfCase",
    "Outbox",
    "Person",
    "QueueCount",
    "RateCount",
    "RecoveryCode",
    "Release",
    "ReleaseFile",
    "SavedFilter",
    "SecondFactor",
    "Session",
    "Setting",
    "SignInAttempt",
    "Skill",
    "Task",
    "Timer",
    "correspondence",
    "publications",
    "registers",
]

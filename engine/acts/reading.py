"""Everything that pages only read, under one name; each page's queries live in a module of their own."""

from engine.acts.case_list import CaseFilter, CaseLine, case_list
from engine.acts.case_reading import CasePage, ClockCard, case_page
from engine.acts.catalogue import catalogue, form_page, process_page, table_page
from engine.acts.directory import colleagues, people, person
from engine.acts.overview import Dashboard, dashboard
from engine.acts.paging import Page
from engine.acts.release_reading import release_list, release_page
from engine.acts.waiting import incidents, upcoming_timers

__all__ = [
    "CaseFilter",
    "CaseLine",
    "CasePage",
    "ClockCard",
    "Dashboard",
    "Page",
    "case_list",
    "case_page",
    "catalogue",
    "colleagues",
    "dashboard",
    "form_page",
    "incidents",
    "people",
    "person",
    "process_page",
    "release_list",
    "release_page",
    "table_page",
    "upcoming_timers",
]

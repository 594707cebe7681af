"""Units, people, roles over time, working days and their import: `directory(db, now)` says who holds what today."""

from komp_flow.organisation import queries, roles
from komp_flow.organisation.actors import SCOPES, Actor
from komp_flow.organisation.commands import (
    close_day,
    end_substitution,
    grant,
    open_day,
    revoke,
    set_july_pause,
    substitute,
)
from komp_flow.organisation.csv_files import RowError
from komp_flow.organisation.directory import Directory
from komp_flow.organisation.facts import Holder, Holdings, PersonFacts, UnitFacts
from komp_flow.organisation.handing import hand_over, handed, take_back
from komp_flow.organisation.imports import import_files
from komp_flow.organisation.reports import Change, ImportReport
from komp_flow.organisation.snapshots import STAMP, bump, directory, learn, local_date
from komp_flow.organisation.subjects import Subject
from komp_flow.organisation.working_days import WorkingCalendar, moment, working_calendar

__all__ = [
    "SCOPES",
    "STAMP",
    "Actor",
    "Change",
    "Directory",
    "Holder",
    "Holdings",
    "ImportReport",
    "PersonFacts",
    "RowError",
    "Subject",
    "UnitFacts",
    "WorkingCalendar",
    "bump",
    "close_day",
    "directory",
    "end_substitution",
    "grant",
    "hand_over",
    "handed",
    "import_files",
    "learn",
    "local_date",
    "moment",
    "open_day",
    "queries",
    "revoke",
    "roles",
    "set_july_pause",
    "substitute",
    "take_back",
    "working_calendar",
]

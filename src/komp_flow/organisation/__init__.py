"""Units, people, roles over time, working days and their import: `directory(db, now)` says who holds what today."""

from komp_flow.organisation.actors import SCOPES, Actor
from komp_flow.organisation.directory import Directory
from komp_flow.organisation.facts import Holder, Holdings, PersonFacts, UnitFacts
from komp_flow.organisation.snapshots import bump, directory
from komp_flow.organisation.subjects import Subject

__all__ = [
    "SCOPES",
    "Actor",
    "Directory",
    "Holder",
    "Holdings",
    "PersonFacts",
    "Subject",
    "UnitFacts",
    "bump",
    "directory",
]

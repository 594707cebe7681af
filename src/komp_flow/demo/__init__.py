"""What `make run` shows: an invented directorate, and a cycle under way in it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from komp_flow.db import Database
from komp_flow.demo.cycle import load_cycle
from komp_flow.demo.files import Files
from komp_flow.demo.organisation import Persona, directorate, load_organisation, organisation, personas

__all__ = ["Files", "Persona", "directorate", "load", "load_cycle", "load_organisation", "organisation", "personas"]


def load(database: Database, zone: ZoneInfo, now: datetime) -> None:
    """The whole demo, on an empty database on which the shipped diagrams are published."""
    with database.transaction() as db:
        load_organisation(db, now)
    load_cycle(database, zone, now)

"""The result of the process, as tables: cycles and their calendar, areas, measures, goals, decisions, effects."""

from komp_flow.registers.calendar import LADDER, NAMES, next_working_day
from komp_flow.registers.context import SHOWN, Reader, context, rows
from komp_flow.registers.cycles import CYCLE_COLUMNS, cycle, cycles, dates, names, set_date, set_up
from komp_flow.registers.keeping import REGISTERS, Group, Provenance, keep, measure
from komp_flow.registers.models import Cycle, Decision, Measure

__all__ = [
    "CYCLE_COLUMNS",
    "LADDER",
    "NAMES",
    "REGISTERS",
    "SHOWN",
    "Cycle",
    "Decision",
    "Group",
    "Measure",
    "Provenance",
    "Reader",
    "context",
    "cycle",
    "cycles",
    "dates",
    "keep",
    "measure",
    "names",
    "next_working_day",
    "rows",
    "set_date",
    "set_up",
]

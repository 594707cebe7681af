"""The result of the process, as tables: cycles and their calendar, areas, measures, goals, decisions, effects."""

from komp_flow.registers import reconciling, talks
from komp_flow.registers.aggregates import numbers, reports
from komp_flow.registers.calendar import LADDER, NAMES, next_working_day
from komp_flow.registers.context import SHOWN, context
from komp_flow.registers.cycles import CYCLE_COLUMNS, cycle, cycles, dates, names, previous, set_date, set_up
from komp_flow.registers.keeping import REGISTERS, Group, Provenance, keep, measure, measure_row
from komp_flow.registers.models import Cycle, Decision, Measure
from komp_flow.registers.reading import EVERY_ROW, Narrowed, Reader, row, rows

__all__ = [
    "CYCLE_COLUMNS",
    "EVERY_ROW",
    "LADDER",
    "NAMES",
    "REGISTERS",
    "SHOWN",
    "Cycle",
    "Decision",
    "Group",
    "Measure",
    "Narrowed",
    "Provenance",
    "Reader",
    "context",
    "cycle",
    "cycles",
    "dates",
    "keep",
    "measure",
    "measure_row",
    "names",
    "next_working_day",
    "numbers",
    "previous",
    "reconciling",
    "reports",
    "row",
    "rows",
    "set_date",
    "set_up",
    "talks",
]

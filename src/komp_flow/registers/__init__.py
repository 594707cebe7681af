"""The result of the process, as tables: cycles and their calendar, areas, measures, goals, decisions, effects."""

from komp_flow.registers import reconciling, talks
from komp_flow.registers.aggregates import numbers, reports
from komp_flow.registers.calendar import LADDER, NAMES, next_working_day
from komp_flow.registers.context import SHOWN, context
from komp_flow.registers.cycles import CYCLE_COLUMNS, cycle, cycles, dates, names, previous, set_date, set_up
from komp_flow.registers.keeping import REGISTERS, Group, Provenance, as_row, keep, measure, measure_row, opened_row
from komp_flow.registers.models import Cycle, Decision, Measure
from komp_flow.registers.reading import (
    EVERY_ROW,
    Narrowed,
    Reader,
    columns_of,
    count,
    is_id,
    labels,
    of_people,
    row,
    rows,
)
from komp_flow.registers.tracing import Told, Trail, trail

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
    "Told",
    "Trail",
    "as_row",
    "columns_of",
    "context",
    "count",
    "cycle",
    "cycles",
    "dates",
    "is_id",
    "keep",
    "labels",
    "measure",
    "measure_row",
    "names",
    "next_working_day",
    "numbers",
    "of_people",
    "opened_row",
    "previous",
    "reconciling",
    "reports",
    "row",
    "rows",
    "set_date",
    "set_up",
    "talks",
    "trail",
]

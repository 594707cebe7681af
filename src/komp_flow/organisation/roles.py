"""The roles that a diagram may name (dialect.md «Who»), and which of them the organisation file may give."""

from __future__ import annotations

from typing import Final

HR: Final = "hr"
PROCESS_OWNER: Final = "process_owner"
TOP_MANAGEMENT: Final = "top_management"
UNION_REP: Final = "union_rep"
ADMINISTRATOR: Final = "administrator"

MANAGER: Final = "manager"
SUPERIOR: Final = "superior"
DEPUTY: Final = "deputy"
EMPLOYEE: Final = "employee"
MEASURE_OWNER: Final = "measure_owner"

# Held wherever in the organisation the subject is: given in the file or granted.
GLOBAL: Final = frozenset({HR, PROCESS_OWNER, TOP_MANAGEMENT, UNION_REP, ADMINISTRATOR})
# Follow from the subject: its unit, its person, its measure.
LOCAL: Final = frozenset({MANAGER, SUPERIOR, DEPUTY, EMPLOYEE, MEASURE_OWNER})
ALL: Final = GLOBAL | LOCAL

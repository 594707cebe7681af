"""The use cases: pages, the API, the command line and the worker all call these, inside a transaction of their own.

Every function takes the open session first, then who acts, and `now`. They check policy themselves, flush and never
commit, and raise the errors of `komp_flow.errors`.
"""

from komp_flow.work.lines import (
    Answer,
    Board,
    BoardCell,
    BoardPhase,
    BoardRow,
    CycleLine,
    Done,
    Draft,
    IncidentLine,
    InstanceActions,
    InstanceLine,
    InstanceSheet,
    Marks,
    May,
    Moved,
    Page,
    ProcessLine,
    Ran,
    TaskFilters,
    TaskLine,
    TaskSheet,
    TimerLine,
    TrailLine,
    VersionLine,
)

__all__ = [
    "Answer",
    "Board",
    "BoardCell",
    "BoardPhase",
    "BoardRow",
    "CycleLine",
    "Done",
    "Draft",
    "IncidentLine",
    "InstanceActions",
    "InstanceLine",
    "InstanceSheet",
    "Marks",
    "May",
    "Moved",
    "Page",
    "ProcessLine",
    "Ran",
    "TaskFilters",
    "TaskLine",
    "TaskSheet",
    "TimerLine",
    "TrailLine",
    "VersionLine",
]

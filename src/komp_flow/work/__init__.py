"""The use cases: pages, the API, the command line and the worker all call these, inside a transaction of their own.

Every function takes the open session first, then who acts, and `now`. They check policy themselves, flush and never
commit, and raise the errors of `komp_flow.errors`.
"""

from komp_flow.work import policy
from komp_flow.work.board import board
from komp_flow.work.completing import complete
from komp_flow.work.cycles import cycles, move_date
from komp_flow.work.drafts import draft, keep_unsent, save_draft
from komp_flow.work.holding import claim, delegate, release
from komp_flow.work.inbox import inbox, tasks
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
from komp_flow.work.once import fingerprint, once
from komp_flow.work.part import MyPart, my_part
from komp_flow.work.policy import Permission
from komp_flow.work.publishing import (
    Published,
    check,
    known,
    processes,
    publish,
    publish_shipped,
    published_files,
    version,
    versions,
)
from komp_flow.work.results import message, register
from komp_flow.work.sheet import instance
from komp_flow.work.showing import task
from komp_flow.work.steering import cancel, instances, resume, retry, start, suspend
from komp_flow.work.strategy import StrategySheet, strategy
from komp_flow.work.substitutes import end_substitution, substitute, substitutions
from komp_flow.work.ticking import run_all, run_due
from komp_flow.work.unit import UnitSheet, my_people, my_units, unit
from komp_flow.work.world import WORLD, World

__all__ = [
    "WORLD",
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
    "MyPart",
    "Page",
    "Permission",
    "ProcessLine",
    "Published",
    "Ran",
    "StrategySheet",
    "TaskFilters",
    "TaskLine",
    "TaskSheet",
    "TimerLine",
    "TrailLine",
    "UnitSheet",
    "VersionLine",
    "World",
    "board",
    "cancel",
    "check",
    "claim",
    "complete",
    "cycles",
    "delegate",
    "draft",
    "end_substitution",
    "fingerprint",
    "inbox",
    "instance",
    "instances",
    "keep_unsent",
    "known",
    "message",
    "move_date",
    "my_part",
    "my_people",
    "my_units",
    "once",
    "policy",
    "processes",
    "publish",
    "publish_shipped",
    "published_files",
    "register",
    "release",
    "resume",
    "retry",
    "run_all",
    "run_due",
    "save_draft",
    "start",
    "strategy",
    "substitute",
    "substitutions",
    "suspend",
    "task",
    "tasks",
    "unit",
    "version",
    "versions",
]

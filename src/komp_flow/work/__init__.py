"""The use cases: pages, the API, the command line and the worker all call these, inside a transaction of their own.

Every function takes the open session first, then who acts, and `now`. They check policy themselves, flush and never
commit, and raise the errors of `komp_flow.errors`.
"""

from komp_flow.work import policy, talks
from komp_flow.work.doing.attaching import FileLine, attach, attached, beside, detach, file
from komp_flow.work.doing.completing import complete
from komp_flow.work.doing.drafts import draft, keep_unsent, save_draft
from komp_flow.work.doing.handing import hand_over, handed_over, take_back
from komp_flow.work.doing.holding import claim, delegate, release
from komp_flow.work.doing.inbox import inbox, tasks
from komp_flow.work.doing.sharing import share
from komp_flow.work.doing.showing import task
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
    Privacy,
    ProcessLine,
    Ran,
    ReadingLine,
    TaskFilters,
    TaskLine,
    TaskSheet,
    TimerLine,
    TrailLine,
    VersionLine,
)
from komp_flow.work.once import fingerprint, once
from komp_flow.work.people import importing, mapping
from komp_flow.work.people.substitutes import end_substitution, substitute, substitutions
from komp_flow.work.policy import Permission
from komp_flow.work.recurring.backlog import Backlog, Queue, backlog
from komp_flow.work.recurring.mail_room import (
    MailLine,
    MailSheet,
    mail_sheet,
    send_all_mail_again,
    send_mail_again,
    try_mail,
)
from komp_flow.work.recurring.ticking import post, run_all, run_due, run_one
from komp_flow.work.running.cycles import cycles, move_date
from komp_flow.work.running.publishing import (
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
from komp_flow.work.running.steering import cancel, resume, retry, start, start_many, suspend
from komp_flow.work.running.world import WORLD, World
from komp_flow.work.talks.plans import Among, plan_list, reading_list, talk_counts, talk_list
from komp_flow.work.talks.rounds import Round, Step, TalkRow, forms_of, same_tasks, talk_round
from komp_flow.work.texts.erasing import ErasureLine, erase, erase_again, erasures, retention
from komp_flow.work.texts.readings import note_readings, readings, to_note
from komp_flow.work.texts.written import forget_unshared
from komp_flow.work.watching.board import Asked, board
from komp_flow.work.watching.duties import DutySheet, duties
from komp_flow.work.watching.listing import instances
from komp_flow.work.watching.part import MyPart, my_part
from komp_flow.work.watching.results import (
    Origin,
    RowSheet,
    RowStep,
    RowTrail,
    message,
    readable,
    register,
    row,
    whole_register,
)
from komp_flow.work.watching.sheet import instance
from komp_flow.work.watching.strategy import StrategySheet, strategy
from komp_flow.work.watching.unit import UnitSheet, my_people, my_units, unit

__all__ = [
    "WORLD",
    "Among",
    "Answer",
    "Asked",
    "Backlog",
    "Board",
    "BoardCell",
    "BoardPhase",
    "BoardRow",
    "CycleLine",
    "Done",
    "Draft",
    "DutySheet",
    "ErasureLine",
    "FileLine",
    "IncidentLine",
    "InstanceActions",
    "InstanceLine",
    "InstanceSheet",
    "MailLine",
    "MailSheet",
    "Marks",
    "May",
    "Moved",
    "MyPart",
    "Origin",
    "Page",
    "Permission",
    "Privacy",
    "ProcessLine",
    "Published",
    "Queue",
    "Ran",
    "ReadingLine",
    "Round",
    "RowSheet",
    "RowStep",
    "RowTrail",
    "Step",
    "StrategySheet",
    "TalkRow",
    "TaskFilters",
    "TaskLine",
    "TaskSheet",
    "TimerLine",
    "TrailLine",
    "UnitSheet",
    "VersionLine",
    "World",
    "attach",
    "attached",
    "backlog",
    "beside",
    "board",
    "cancel",
    "check",
    "claim",
    "complete",
    "cycles",
    "delegate",
    "detach",
    "draft",
    "duties",
    "end_substitution",
    "erase",
    "erase_again",
    "erasures",
    "file",
    "fingerprint",
    "forget_unshared",
    "forms_of",
    "hand_over",
    "handed_over",
    "importing",
    "inbox",
    "instance",
    "instances",
    "keep_unsent",
    "known",
    "mail_sheet",
    "mapping",
    "message",
    "move_date",
    "my_part",
    "my_people",
    "my_units",
    "note_readings",
    "once",
    "plan_list",
    "policy",
    "post",
    "processes",
    "publish",
    "publish_shipped",
    "published_files",
    "readable",
    "reading_list",
    "readings",
    "register",
    "release",
    "resume",
    "retention",
    "retry",
    "row",
    "run_all",
    "run_due",
    "run_one",
    "same_tasks",
    "save_draft",
    "send_all_mail_again",
    "send_mail_again",
    "share",
    "start",
    "start_many",
    "strategy",
    "substitute",
    "substitutions",
    "suspend",
    "take_back",
    "talk_counts",
    "talk_list",
    "talk_round",
    "talks",
    "task",
    "tasks",
    "to_note",
    "try_mail",
    "unit",
    "version",
    "versions",
    "whole_register",
]

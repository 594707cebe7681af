"""Runs diagrams: checks, compiles, keeps and moves them. Knows no people, no HTTP; alone imports SpiffWorkflow.

The stored engine, for `work`: every function takes the open session first and works in the caller's transaction.
"""

from komp_flow.engine.checks import check
from komp_flow.engine.errors import BpmnError, CannotMove, NotOpen, NotRunning, NotUndoable, Refused, TaskDone
from komp_flow.engine.many.batch import RanBatch, batches, wait_for_nobody
from komp_flow.engine.many.batch import run as run_batch
from komp_flow.engine.many.due import due, fail_due, run_due
from komp_flow.engine.many.due import find as due_row
from komp_flow.engine.many.purging import forgettable, purge
from komp_flow.engine.many.rescheduling import Moved, reschedule
from komp_flow.engine.many.rescheduling import left as left_to_reschedule
from komp_flow.engine.many.rescheduling import some as reschedule_some
from komp_flow.engine.many.starting import start, start_many
from komp_flow.engine.memory.program import Element, Program
from komp_flow.engine.memory.trail import Happened
from komp_flow.engine.moving.counterparts import proposed_renames
from komp_flow.engine.moving.migrate import GONE, Plan
from komp_flow.engine.moving.migrating import migrate_instance
from komp_flow.engine.moving.moved import InstanceMoved, TaskMoved, Waits
from komp_flow.engine.moving.unmigrating import undo_migration
from komp_flow.engine.outside import move_to_cycle, move_to_unit, tell, waits_for
from komp_flow.engine.problems import Known, OperationSpec, Problem, SourceFile
from komp_flow.engine.stored.changes import Changes, Due, OpenTask, Sent, Version
from komp_flow.engine.stored.instances import cancel as cancel_instance
from komp_flow.engine.stored.instances import fault, raise_escalation, resume, retry, suspend
from komp_flow.engine.stored.messages import correlate, end_keep
from komp_flow.engine.stored.plain import plain
from komp_flow.engine.stored.shelf import Runnable, form, runnable
from komp_flow.engine.stored.step import lock, stream, streams
from komp_flow.engine.stored.stream_of import StreamOf
from komp_flow.engine.stored.tasks import as_open, ask_for_instance, complete, lock_instance, locked
from komp_flow.engine.stored.world import MovingWorld, OperationCall, World
from komp_flow.engine.tables import (
    Delivery,
    FormVersion,
    Incident,
    Instance,
    Message,
    ProcessVersion,
    StartSubscription,
    Submission,
    Subscription,
    Task,
    TaskRole,
    Timer,
)
from komp_flow.engine.versions import newest, newest_forms, newest_versions, publish, version

__all__ = [
    "GONE",
    "BpmnError",
    "CannotMove",
    "Changes",
    "Delivery",
    "Due",
    "Element",
    "FormVersion",
    "Happened",
    "Incident",
    "Instance",
    "InstanceMoved",
    "Known",
    "Message",
    "Moved",
    "MovingWorld",
    "NotOpen",
    "NotRunning",
    "NotUndoable",
    "OpenTask",
    "OperationCall",
    "OperationSpec",
    "Plan",
    "Problem",
    "ProcessVersion",
    "Program",
    "RanBatch",
    "Refused",
    "Runnable",
    "Sent",
    "SourceFile",
    "StartSubscription",
    "StreamOf",
    "Submission",
    "Subscription",
    "Task",
    "TaskDone",
    "TaskMoved",
    "TaskRole",
    "Timer",
    "Version",
    "Waits",
    "World",
    "as_open",
    "ask_for_instance",
    "batches",
    "cancel_instance",
    "check",
    "complete",
    "correlate",
    "due",
    "due_row",
    "end_keep",
    "fail_due",
    "fault",
    "forgettable",
    "form",
    "left_to_reschedule",
    "lock",
    "lock_instance",
    "locked",
    "migrate_instance",
    "move_to_cycle",
    "move_to_unit",
    "newest",
    "newest_forms",
    "newest_versions",
    "plain",
    "proposed_renames",
    "publish",
    "purge",
    "raise_escalation",
    "reschedule",
    "reschedule_some",
    "resume",
    "retry",
    "run_batch",
    "run_due",
    "runnable",
    "start",
    "start_many",
    "stream",
    "streams",
    "suspend",
    "tell",
    "undo_migration",
    "version",
    "wait_for_nobody",
    "waits_for",
]

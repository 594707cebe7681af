"""Runs an instance to its next wait: every task that no person does, the oldest first."""

from __future__ import annotations

from komp_flow.engine.errors import BpmnError
from komp_flow.engine.memory import firing
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.specs.base import finish
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import READY, hold, prune
from komp_flow.errors import Busy, ProcessFault
from komp_flow.i18n import _

PASSES = 5_000  # rounds of all that is ready
WORK = 100_000  # tasks in one step
HELD = 100  # tasks that may be held with an incident at once
CROWD = 2_000  # tasks that are ready at once: more is a ring that multiplies, and each makes the others slower
PRUNED = 500  # tasks between two prunings


def run(instance: Instance) -> None:
    """Until only people, timers and other instances can move it on.

    A diagram that goes round without waiting is held with an incident after 5,000 rounds. ProcessFault: it does more
    than one step may; nothing of the step may be kept.
    """
    work = 0
    for _round in range(PASSES):
        batch, instance.ready = instance.ready, []
        if not batch:
            return
        for task in batch:
            if is_runnable(task):
                perform(task)
                work += 1
                if work % PRUNED == 0:
                    for scope in instance.scopes():
                        prune(scope)
        if work > WORK or len(instance.ready) > CROWD:
            raise _too_much()
    left = [task for task in instance.ready if is_runnable(task)]
    if len(left) > HELD:
        raise _too_much()
    instance.ready = []
    for task in left:
        hold(task, READY, _("Diagrammet går i ring uten å vente på noe. Tegn inn noe som stopper det."))


def _too_much() -> ProcessFault:
    said = _("Diagrammet gjør for mye i ett steg: det går i ring, eller listene er for lange. Ingenting er endret.")
    return ProcessFault(said)


def is_runnable(task: Token) -> bool:
    """READY, which also says that it was not cancelled since it was queued; not held, not for a person."""
    return task._state == READY and not task.task_spec.manual and "incident" not in task.internal_data


def perform(task: Token) -> None:
    """Let one task act, and go on; what fails is held with an incident and the rest goes on."""
    try:
        goes_on = task.task_spec.act(task)
    except BpmnError as error:
        firing.throw_error(task, error.code, error.variables)
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - one operation or expression must not stop the other branches
        hold(task, READY, error)
    else:
        if goes_on:
            finish(task)

"""A timer whose time was not known when it was reached gets it as soon as the instance's own variables tell it."""

from __future__ import annotations

from datetime import datetime

from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.engine.memory.tree import WAITING
from komp_flow.engine.memory.view import event_at
from komp_flow.errors import KompFlowError


def learn(instance: Instance) -> None:
    """Ask those timers again (dialect.md, Time: null waits until it is known). What the host's names tell is asked
    again by `reschedule`, when they change.
    """
    for task in instance.open_tasks(WAITING):
        for element, wait in task.internal_data.get("wait", {}).items():
            if "due" not in wait or wait["due"]:
                continue
            event = event_at(task, element)
            if event.reads <= HOST_NAMES:
                continue
            try:
                wait["due"] = event.due(task, datetime.fromisoformat(wait["since"]))
            except KompFlowError:  # not yet; the timer waits on
                continue

"""Instances: started, looked at, steered; and messages to those that wait."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import g, url_for

from komp_flow import work
from komp_flow.api import schemas
from komp_flow.api.routes import Routes, page
from komp_flow.auth.guards import actor
from komp_flow.organisation import Subject
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("instances", "Processes that run.")
INSTANCE: Final = "/instances/<uuid:instance_id>"


@bp.does("/instances", Permission.START, schemas.Start, schemas.InstanceLine, 201)
def start(body: dict[str, Any]) -> Any:
    """Start a process's newest version, about a unit, a person or a measure, in a cycle."""
    about = Subject(**(schemas.SubjectInput().load({}) | body["subject"]))
    line = work.start(db(), actor(), body["process"], about, body["variables"], g.now)
    return line, 201, {"Location": url_for("api-instances.instance", instance_id=line.id)}


@bp.asks("/instances", Permission.SEE_INSTANCES, schemas.page_of(schemas.InstanceLine), query=schemas.InstanceQuery)
def instances(asked: dict[str, Any]) -> Any:
    """Those that I may see, the newest first."""
    return page(work.instances(db(), actor(), now=g.now, **asked))


@bp.asks(INSTANCE, Permission.SEE_INSTANCES, schemas.Instance)
def instance(instance_id: UUID) -> Any:
    """One instance: its variables, its open tasks, its timers, its trail."""
    sheet = work.instance(db(), actor(), instance_id, g.now)
    return vars(sheet.line) | {
        "variables": sheet.variables,
        "tasks": sheet.tasks,
        "timers": sheet.timers,
        "trail": sheet.trail,
        "incidents": sheet.incidents,
    }


@bp.does(INSTANCE + "/suspend", Permission.STEER, schemas.Reason, schemas.InstanceLine)
def suspend(body: dict[str, Any], instance_id: UUID) -> Any:
    """Let it rest: nothing can be completed, timers wait. A reason is required."""
    return work.suspend(db(), actor(), instance_id, body["reason"], g.now)


@bp.does(INSTANCE + "/resume", Permission.STEER, schemas.Reason, schemas.InstanceLine)
def resume(body: dict[str, Any], instance_id: UUID) -> Any:
    """It goes on; what came due meanwhile fires once."""
    return work.resume(db(), actor(), instance_id, body["reason"], g.now)


@bp.does(INSTANCE + "/cancel", Permission.CANCEL, schemas.Reason, schemas.InstanceLine)
def cancel(body: dict[str, Any], instance_id: UUID) -> Any:
    """End it. A reason is required."""
    return work.cancel(db(), actor(), instance_id, body["reason"], g.now)


@bp.does(INSTANCE + "/retry", Permission.STEER, schemas.Nothing, schemas.InstanceLine)
def retry(_body: dict[str, Any], instance_id: UUID) -> Any:
    """Try again what has stopped in it."""
    return work.retry(db(), actor(), instance_id, g.now)


@bp.does("/messages", Permission.SEND_MESSAGE, schemas.MessageInput, schemas.Message, 202)
def message(body: dict[str, Any]) -> Any:
    """A message to all that wait for its name and key; it is delivered right after. A known message_id is not again."""
    return work.message(
        db(), actor(), body["name"], body["key"], body["payload"], message_id=body["message_id"], now=g.now
    )

"""The state of an instance as bytes: live tasks and variables. The specification is named, not stored.

The document is `[format, program, cancelled, completed, ended by, variables, tasks, scopes]`; a task is
`[id, parent's place, state, specification, triggered, internal data, data]`, parents first; a scope is
`[task id, program, specification, completed, variables, tasks]`, outer ones first.
"""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import zstandard
from SpiffWorkflow.task import Task

from komp_flow.engine.host import Host
from komp_flow.engine.instance import Instance, Scope, SubInstance
from komp_flow.engine.parser import ProcessSpec
from komp_flow.engine.tree import READY, WAITING, prune
from komp_flow.engine.values import from_json, to_json
from komp_flow.errors import ProcessFault
from komp_flow.i18n import _

FORMAT = 1
MAX_STATE = 16_000_000  # bytes before compression

_own = threading.local()  # zstandard's objects are not for two threads at once


def dump(instance: Instance) -> bytes:
    """Forget what has finished, and write the rest. ProcessFault: more than 16 MB."""
    for scope in instance.scopes():
        prune(scope)
    inside = [
        [task_id.hex, scope.spec.program.key, scope.spec.name, scope.completed, scope.data, _rows(scope)]
        for task_id, scope in instance.subprocesses.items()
        if not scope.completed or scope.parent_task._state == WAITING
    ]
    raw = to_json(
        [
            FORMAT,
            instance.program.key,
            instance.cancelled,
            instance.completed,
            instance.ended_by,
            instance.data,
            _rows(instance),
            inside,
        ]
    )
    if len(raw) > MAX_STATE:
        raise ProcessFault(_("Instansen er blitt for stor til å lagres. Ingenting er endret."))
    return packed(raw)


def packed(raw: bytes) -> bytes:
    """A document's bytes as they are stored."""
    if not hasattr(_own, "compressor"):
        _own.compressor = zstandard.ZstdCompressor(1)
    return _own.compressor.compress(raw)  # type: ignore[no-any-return]


def unpacked(blob: bytes) -> bytes:
    """What `packed` was given."""
    if not hasattr(_own, "decompressor"):
        _own.decompressor = zstandard.ZstdDecompressor()
    return _own.decompressor.decompress(blob, max_output_size=MAX_STATE + 1)  # type: ignore[no-any-return]


def load(blob: bytes, host: Host) -> Instance:
    """The instance that was dumped. ProcessFault: it was written by a version of komp-flow that is not known here."""
    document = from_json(unpacked(blob))
    if document[0] != FORMAT:
        raise ProcessFault(_("Instansen er lagret av en annen utgave av komp-flow. Oppdater programmet."))
    _format, key, cancelled, completed, ended_by, variables, rows, inside = document
    instance = Instance(host.program(key), host, deserializing=True)
    instance.cancelled, instance.completed, instance.ended_by = cancelled, completed, ended_by
    instance.data = variables
    _restore(instance, rows)
    for holder, program, name, scope_completed, scope_variables, inner in inside:
        scope = _open(instance, UUID(holder), host.program(program).specs[name])
        scope.completed, scope.data = scope_completed, scope_variables
        _restore(scope, inner)
    return instance


def _open(instance: Instance, holder: UUID, spec: ProcessSpec) -> Scope:
    task = next(scope.tasks[holder] for scope in instance.scopes() if holder in scope.tasks)
    scope = SubInstance.restored(spec, task)
    instance.subprocesses[holder] = scope
    return scope


def _rows(scope: Scope) -> list[Any]:
    place: dict[Any, int] = {}
    rows = []
    for task in scope.tasks.values():  # in the order they were made, which joins rely on; parents are made first
        place[task.id] = len(place)
        rows.append(
            [
                task.id.hex,
                place.get(task._parent, -1),
                task._state,
                task.task_spec.name,
                int(task.triggered),
                task.internal_data or 0,
                task.data or 0,
            ]
        )
    return rows


def _restore(scope: Scope, rows: list[Any]) -> None:
    specs, tasks = scope.spec.task_specs, scope.tasks
    made: list[Task] = []
    ready = scope.top_workflow.ready
    for task_id, place, state, name, triggered, internal, data in rows:
        task = Task.__new__(Task)
        task.id = UUID(int=int(task_id, 16))
        task.workflow = scope
        task.task_spec = specs[name]
        task.triggered = bool(triggered)
        task.thread_id = task.last_state_change = 0
        task.internal_data = internal or {}
        task.data = data or {}
        task._state = state
        task._children = []
        task._parent = made[place].id if place >= 0 else None
        if place >= 0:
            made[place]._children.append(task.id)
        tasks[task.id] = task
        made.append(task)
    scope.task_tree = made[0]
    ready.extend(task for task in made[1:] if task._state == READY)

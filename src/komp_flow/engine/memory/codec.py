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

from komp_flow.engine.memory.host import Host
from komp_flow.engine.memory.instance import Instance, Scope, SubInstance
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import READY, WAITING, prune
from komp_flow.engine.memory.values import from_json, to_json
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
        [holder.id.hex, scope.spec.program.key, scope.spec.name, scope.completed, scope.data, _rows(scope)]
        for holder, scope in instance.subprocesses.items()
        if not scope.completed or holder._state == WAITING
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
    instance = Instance(host.program(key), host)
    instance.cancelled, instance.completed, instance.ended_by = cancelled, completed, ended_by
    instance.data = variables
    known: dict[str, Token] = {}
    _restore(instance, rows, known)
    for holder, program, name, scope_completed, scope_variables, inner in inside:
        task = known[holder]
        scope = instance.subprocesses[task] = SubInstance(host.program(program).specs[name], task)
        scope.completed, scope.data = scope_completed, scope_variables
        _restore(scope, inner, known)
    return instance


def _rows(scope: Scope) -> list[Any]:
    place: dict[Token | None, int] = {None: -1}
    rows: list[Any] = []
    for task in scope.tasks:  # in the order they were made, which joins rely on; parents are made first
        place[task] = len(rows)
        rows.append(
            [
                task.id.hex,
                place[task.parent],
                task._state,
                task.task_spec.name,
                int(task.triggered),
                task.internal_data or 0,
                task.data or 0,
            ]
        )
    return rows


def _restore(scope: Scope, rows: list[Any], known: dict[str, Token]) -> None:
    """Fill the scope; `known` gets its tokens by their ids as they are written."""
    specs, tasks, ready = scope.spec.task_specs, scope.tasks, scope.top_workflow.ready
    for task_id, place, state, name, triggered, internal, data in rows:
        parent = tasks[place] if place >= 0 else None
        task = Token(scope, specs[name], parent, state, UUID(int=int(task_id, 16)), internal or {}, data or {})
        task.triggered = bool(triggered)
        known[task_id] = task
        if state == READY and parent is not None:
            ready.append(task)
    scope.task_tree = tasks[0]

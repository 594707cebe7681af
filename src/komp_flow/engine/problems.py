"""What check is given and what it answers: source files, what is known around them, and located problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ROLES = frozenset(
    {
        "manager",
        "superior",
        "deputy",
        "employee",
        "hr",
        "process_owner",
        "top_management",
        "union_rep",
        "measure_owner",
        "administrator",
    }
)

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class SourceFile:
    """A diagram (`.bpmn`, `.xml`) or a form (`.json`, `.form`) as it was handed in, under the giver's name for it."""

    name: str
    data: bytes


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend, or to think about. `element` is an element's id, "" for the file as a whole."""

    file: str
    element: str
    severity: Severity
    rule: str
    message: str
    fix: str


@dataclass(frozen=True)
class OperationSpec:
    """What a diagram may know of an operation: its inputs, outputs and error codes. `outputs` None: any name."""

    type: str
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    outputs: frozenset[str] | None = frozenset()
    errors: frozenset[str] = frozenset()
    sentence: str = ""


@dataclass(frozen=True)
class Known:
    """What exists around the files: published processes and forms, registered operations, the roles.

    `form_keys` maps a form to the keys of its answers, `calls` a process to the processes that it calls,
    `inputs` a process to the names that it wants to be given when it is called.
    """

    processes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    operations: Mapping[str, OperationSpec] = field(default_factory=dict)
    roles: frozenset[str] = ROLES
    form_keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)

"""What a service task may name: each operation is a documented function, run inside the step that names it."""

from komp_flow.operations import continuing, cycle, escalating, starting, talks, telling
from komp_flow.operations.registry import Operation, documentation, operation, operations, registry, run
from komp_flow.operations.requests import AT_ONCE, asked_by
from komp_flow.operations.requests import due as due_requests
from komp_flow.operations.requests import fail as fail_request
from komp_flow.operations.requests import run as run_request
from komp_flow.operations.requests import run_many as run_requests

__all__ = [
    "AT_ONCE",
    "Operation",
    "asked_by",
    "continuing",
    "cycle",
    "documentation",
    "due_requests",
    "escalating",
    "fail_request",
    "operation",
    "operations",
    "registry",
    "run",
    "run_request",
    "run_requests",
    "starting",
    "talks",
    "telling",
]

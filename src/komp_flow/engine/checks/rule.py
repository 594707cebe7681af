"""One rule of the check: its id, how serious it is, what it says and what one does instead."""

from __future__ import annotations

from dataclasses import dataclass

from komp_flow.engine.problems import Severity


@dataclass(frozen=True)
class Rule:
    """`message` and `fix` are lazy sentences with `%(name)s` places; the values are filled in where it is found."""

    id: str
    severity: Severity
    message: str
    fix: str


def table(severity: Severity, **rules: tuple[str, str]) -> dict[str, Rule]:
    """Rules of one severity: by id in snake case, the message and the fix."""
    ids = {name: name.replace("_", "-") for name in rules}
    return {ids[name]: Rule(ids[name], severity, message, fix) for name, (message, fix) in rules.items()}

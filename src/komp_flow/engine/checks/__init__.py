"""Checks diagrams and forms against the dialect: every problem of every file, in a process that can be killed."""

from komp_flow.engine.checks.batch import check
from komp_flow.engine.checks.listing import as_json, as_text

__all__ = ["as_json", "as_text", "check"]

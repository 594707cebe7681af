"""Checks diagrams and forms against the dialect: every problem of every file, in a process that can be killed."""

from komp_flow.engine.checks.batch import check

__all__ = ["check"]

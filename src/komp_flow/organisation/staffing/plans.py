"""A plan whose person is in another unit now: who may read it, as conditions on an instance's id (process.md §6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from komp_flow.organisation.staffing.models import PlanTransfer


def held_back(instance: Any) -> ColumnElement[bool]:
    """What was written in this instance is its person's alone: they have moved, and have not said that it follows."""
    mine = (PlanTransfer.instance_id == instance, PlanTransfer.follows.is_not(True))
    return exists(select(PlanTransfer.instance_id).where(*mine).correlate_except(PlanTransfer))


def has_moved(instance: Any) -> ColumnElement[bool]:
    """Its person has moved since, whether it followed or not: notes that were shared were for the manager then."""
    mine = select(PlanTransfer.instance_id).where(PlanTransfer.instance_id == instance)
    return exists(mine.correlate_except(PlanTransfer))

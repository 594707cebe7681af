"""Indexes by which lists and the board find their few rows among years of work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_task_open_delegated", "task", ["delegated_to", "due_at"], "state = 'open' AND delegated_to IS NOT NULL"),
    ("ix_task_open_measure", "task", ["measure_id", "due_at"], "state = 'open' AND measure_id IS NOT NULL"),
    ("ix_task_open_unplaced", "task", ["due_at"], "state = 'open' AND unit_id IS NULL AND person_id IS NULL"),
    ("ix_task_closed_by", "task", ["closed_by", "cycle_id"], "closed_by IS NOT NULL"),
    (
        "ix_task_role_global",
        "task_role",
        ["role", "task_id"],
        "role IN ('administrator', 'hr', 'process_owner', 'top_management', 'union_rep')",
    ),
    (
        "ix_instance_process_cycle",
        "instance",
        ["process", "cycle_id", "unit_id"],
        "person_id IS NULL AND unit_id IS NOT NULL",
    ),
    ("ix_measure_owner", "measure", ["owner_id"], "owner_id IS NOT NULL"),
    ("ix_measure_responsible", "measure", ["responsible"], "owner_id IS NULL"),
)


def upgrade() -> None:
    """Go to this version."""
    for name, table, columns, where in INDEXES:
        condition = sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)

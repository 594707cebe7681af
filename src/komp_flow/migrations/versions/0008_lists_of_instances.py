"""Lists of instances that take as long after ten years as after one: each kind by an index of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AMONG = {
    "ix_instance_started_by": ("started_by", "started_by IS NOT NULL"),
    "ix_instance_escalated": ("person_id", "escalation > 0"),
    "ix_instance_stopped": ("person_id", "state IN ('incident', 'suspended')"),
}


def upgrade() -> None:
    """Go to this version."""
    op.create_index("ix_instance_person_started", "instance", ["person_id", "started_at", "id"], unique=False)
    op.drop_index("ix_instance_person", table_name="instance")
    for name, (column, rows) in AMONG.items():
        where = sa.text(rows)
        op.create_index(name, "instance", [column], unique=False, sqlite_where=where, postgresql_where=where)

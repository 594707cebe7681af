"""Answered keys are forgotten once a day, a day of them at a time: no index by age, for which every request paid."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.drop_index("ix_answered_key_created_at", table_name="answered_key")

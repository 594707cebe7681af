"""How far the instances of a cycle have followed a moved date; messages by when they may be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("cycle", sa.Column("recalculate_after", sa.Uuid(), nullable=True))
    op.create_index("ix_message_keep_until", "message", ["keep_until"], unique=False)

"""Running instances that are moved to another version of their process, in batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from komp_flow.db import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("to_version", sa.Uuid(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=True),
        sa.Column("run_by", sa.String(length=64), nullable=True),
        sa.Column("run_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    op.create_index("ix_move_process", "move", ["process", "made_at"], unique=False)
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_move_due", "move", ["due_at"], unique=False, sqlite_where=due, postgresql_where=due)
    op.create_table(
        "moved_instance",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=True),
        sa.Column("done", sa.JSON(), nullable=True),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name=op.f("fk_moved_instance_instance_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["move_id"], ["move.id"], name=op.f("fk_moved_instance_move_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("move_id", "instance_id", name=op.f("pk_moved_instance")),
    )
    op.create_index("ix_moved_instance_state", "moved_instance", ["move_id", "state", "instance_id"], unique=False)

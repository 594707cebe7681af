"""Mails: a row for each, how the mail server does, and which mail took up a notification."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from komp_flow.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=True),
        sa.Column("maybe_sent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("person_id", "on_date", name=op.f("uq_mail_person_id_on_date")),
    )
    op.create_index("ix_mail_state_made_at", "mail", ["state", "made_at"], unique=False)
    op.create_index("ix_mail_next_try_at", "mail", ["next_try_at"], unique=False)
    op.create_table(
        "mail_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gathered_on", sa.Date(), nullable=True),
        sa.Column("gathered_until", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_state")),
    )
    op.add_column("notification", sa.Column("mail_id", sa.Uuid(), nullable=True))
    op.create_index("ix_notification_mail_id", "notification", ["mail_id"], unique=False)
    unmailed = sa.text("mail_id IS NULL")
    op.create_index(
        "ix_notification_unmailed",
        "notification",
        ["created_at"],
        unique=False,
        sqlite_where=unmailed,
        postgresql_where=unmailed,
    )

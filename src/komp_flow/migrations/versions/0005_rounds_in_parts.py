"""What is done once a day may be done in several transactions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("daily_run", sa.Column("reached", sa.String(length=100), nullable=True))

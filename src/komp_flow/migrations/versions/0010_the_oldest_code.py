"""Which code may begin on a database that a later version has migrated: an old node that is restarted goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version. A later migration that older code would stumble over updates the row to its own number."""
    floor = op.create_table(
        "schema_floor",
        sa.Column("revision", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_floor")),
    )
    op.bulk_insert(floor, [{"revision": revision}])

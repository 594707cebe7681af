"""Runs migrations on the connection that `schema.upgrade` (or `alembic` with KOMP_FLOW_DATABASE) gives."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from komp_flow.db import Base
from komp_flow.schema import load_tables

load_tables()
connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

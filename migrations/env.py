"""Alembic's entry: runs the migrations on the connection that ``broker migrate`` gives."""

from alembic import context
from sqlalchemy import Connection

from broker import app  # noqa: F401 - imports every capability, hence every table
from broker.base.db import Base

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

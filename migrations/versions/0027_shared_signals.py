"""shared signals: what waits for partners, their streams, the header of their receivers"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant, Sealed

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_delivery_secret",
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("header", Sealed(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.client_id"],
            name=op.f("fk_client_delivery_secret_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_delivery_secret")),
    )
    op.create_table(
        "signal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("address", Sealed(), nullable=True),
        sa.Column("txn", sa.String(length=43), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index(op.f("ix_signal_client_id_id"), "signal", ["client_id", "id"])
    op.create_table(
        "signal_stream",
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("updated_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_signal_stream")),
    )
    op.create_table(
        "signal_suspension",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_signal_suspension")),
    )


def downgrade() -> None:
    for name in ("signal_suspension", "signal_stream", "signal", "client_delivery_secret"):
        op.drop_table(name)

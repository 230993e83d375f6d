"""cuts: planned, approved, done"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "security_cut",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("planned_at", Instant(timezone=True), nullable=False),
        sa.Column("planned_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("counted_before", sa.Text(), nullable=False),
        sa.Column("counted_after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_security_cut")),
    )
    op.create_index(op.f("ix_security_cut_planned_at"), "security_cut", ["planned_at"])
    op.create_index(op.f("ix_session_auth_event_id"), "session", ["auth_event_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_session_auth_event_id"), table_name="session")
    op.drop_table("security_cut")

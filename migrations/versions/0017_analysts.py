"""accounts and sessions of the analysts who use the console"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant, Sealed

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analyst",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", Sealed(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("invitation", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invitation_expires_at", Instant(timezone=True), nullable=True),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyst")),
        sa.UniqueConstraint("name", name=op.f("uq_analyst_name")),
        sa.UniqueConstraint("invitation", name=op.f("uq_analyst_invitation")),
    )
    op.create_table(
        "analyst_session",
        sa.Column("cookie", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("analyst_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("seen_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["analyst_id"],
            ["analyst.id"],
            name=op.f("fk_analyst_session_analyst_id_analyst"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("cookie", name=op.f("pk_analyst_session")),
        sa.UniqueConstraint("id", name=op.f("uq_analyst_session_id")),
    )
    op.create_index("ix_analyst_session_analyst_id", "analyst_session", ["analyst_id"])


def downgrade() -> None:
    op.drop_table("analyst_session")
    op.drop_table("analyst")

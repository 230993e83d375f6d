"""Notices of logout wait for partners; a session keeps its sid over a login again"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_logout_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("auth_event_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_logout_notice")),
    )
    op.create_index("ix_oidc_logout_notice_due_at", "oidc_logout_notice", ["due_at"])
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_constraint("uq_session_sid", type_="unique")
        batch_op.create_index("ix_session_sid", ["sid"])
    op.create_index(
        "ix_session_live",
        "session",
        ["seen_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_session_live", "session")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("ix_session_sid")
        batch_op.create_unique_constraint("uq_session_sid", ["sid"])
    op.drop_table("oidc_logout_notice")

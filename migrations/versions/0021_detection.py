"""rules of detection: where they stand, and their alerts"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "detection_position",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_position")),
    )
    # What is in the trail already raises no alert: nobody wants those of last year today.
    op.execute(
        "INSERT INTO detection_position (id, position)"
        " SELECT 1, coalesce(max(position), -1) FROM audit_leaf"
    )
    op.create_table(
        "detection_quiet",
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("group_value", sa.String(length=255), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule", "group_value", name=op.f("pk_detection_quiet")),
    )
    op.create_table(
        "detection_alert",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("group_by", sa.String(length=32), nullable=False),
        sa.Column("group_value", sa.String(length=255), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(timezone=True), nullable=False),
        sa.Column("last_at", Instant(timezone=True), nullable=False),
        sa.Column("raised_at", Instant(timezone=True), nullable=False),
        sa.Column("acknowledged_at", Instant(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_detection_alert")),
    )
    op.create_index(op.f("ix_detection_alert_raised_at"), "detection_alert", ["raised_at"])


def downgrade() -> None:
    for name in ("detection_alert", "detection_quiet", "detection_position"):
        op.drop_table(name)

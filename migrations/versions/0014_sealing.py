"""The trail is sealed into a tree, and each event carries the mark of the service"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_event", sa.Column("mac", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "audit_leaf",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_leaf"),
        sa.UniqueConstraint("event_id", name="uq_audit_leaf_event_id"),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_audit_node"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoint"),
    )
    sealer = op.create_table(
        "audit_sealer",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", Instant(timezone=True), nullable=True),
        sa.Column("swept_to", sa.String(length=36), nullable=False),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_sealer"),
    )
    op.bulk_insert(sealer, [{"id": 1, "swept_to": "", "line": "", "restored": False}])


def downgrade() -> None:
    for name in ("audit_sealer", "audit_checkpoint", "audit_node", "audit_leaf"):
        op.drop_table(name)
    op.drop_column("audit_event", "mac")

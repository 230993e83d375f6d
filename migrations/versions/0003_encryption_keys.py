"""encryption keys"""

import sqlalchemy as sa
from alembic import op

import broker.base.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "encryption_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("private", broker.base.db.Sealed(), nullable=True),
        sa.Column("announced_at", broker.base.db.Instant(timezone=True), nullable=False),
        sa.Column("retired_at", broker.base.db.Instant(timezone=True), nullable=True),
        sa.Column("removed_at", broker.base.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_encryption_key")),
    )


def downgrade() -> None:
    op.drop_table("encryption_key")

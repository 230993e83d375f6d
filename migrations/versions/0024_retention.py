"""Events are removed at the end of their time, but those that are held"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    purger = op.create_table(
        "audit_purger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("done_for", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_purger"),
    )
    op.bulk_insert(purger, [{"id": 1}])
    op.create_table(
        "audit_hold",
        sa.Column("held", sa.String(length=64), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("held", name="pk_audit_hold"),
    )


def downgrade() -> None:
    op.drop_table("audit_hold")
    op.drop_table("audit_purger")

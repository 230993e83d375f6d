"""uses of a session after its end"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("late_at", Instant(timezone=True), nullable=True))
    op.add_column("session", sa.Column("copied_at", Instant(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "copied_at")
    op.drop_column("session", "late_at")

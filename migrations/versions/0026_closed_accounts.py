"""A closed account is dated, and removed at its end"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_CLOSED = sa.text("status = 'closed'")


def upgrade() -> None:
    # Those closed before, or by the previous version at work, are dated by the first turn of a
    # worker: their time begins then.
    op.add_column("account", sa.Column("closed_at", Instant(timezone=True), nullable=True))
    op.create_index(
        "ix_account_closed_at",
        "account",
        ["closed_at"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )


def downgrade() -> None:
    op.drop_index("ix_account_closed_at", "account")
    with op.batch_alter_table("account") as account:
        account.drop_column("closed_at")

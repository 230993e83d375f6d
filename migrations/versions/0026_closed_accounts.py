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
    # Of columns that are there before, so that an owner of millions makes it without a lock first.
    op.create_index(
        "ix_account_closed",
        "account",
        ["id"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_index("ix_account_closed", "account")
    with op.batch_alter_table("account") as account:
        account.drop_column("closed_at")

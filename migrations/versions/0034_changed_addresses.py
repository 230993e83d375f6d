"""accounts: when their address was changed"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    changed_at = sa.Column("email_changed_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("account", changed_at)


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.drop_column("email_changed_at")

"""logins from unknown browsers wait to be told together; pending accounts are reminded"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant, Sealed

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "new_browser_login",
        sa.Column("auth_event_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("address", Sealed(), nullable=False),
        sa.Column("browser", sa.String(length=120), nullable=False),
        sa.Column("logged_in_at", Instant(timezone=True), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_new_browser_login_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("auth_event_id", name=op.f("pk_new_browser_login")),
    )
    op.create_index("ix_new_browser_login_account_id", "new_browser_login", ["account_id"])
    op.create_index("ix_new_browser_login_due_at", "new_browser_login", ["due_at"])
    op.add_column("account", sa.Column("reminders", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("reminders")
    op.drop_table("new_browser_login")

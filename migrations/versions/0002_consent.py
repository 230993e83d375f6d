"""What people agreed that partners read; a login request that expired can be asked again"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_consent",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("given_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_oidc_consent")),
    )
    with op.batch_alter_table("login_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restart_to", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("login_request", schema=None) as batch_op:
        batch_op.drop_column("restart_to")
    op.drop_table("oidc_consent")

"""the secret of another application, which waits in the session of the analyst who asked"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant, Sealed

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyst_session", sa.Column("new_totp_secret", Sealed(), nullable=True))
    op.add_column(
        "analyst_session",
        sa.Column("new_totp_expires_at", Instant(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("analyst_session", "new_totp_expires_at")
    op.drop_column("analyst_session", "new_totp_secret")

"""logins on the screens of native apps, step by step"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_auth_session",
        sa.Column("interaction_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("confirmation", sa.String(length=43), nullable=False),
        sa.Column("attempt_id", sa.String(length=43), nullable=True),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_oidc_auth_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_oidc_auth_session_digest")),
    )
    op.create_index("ix_oidc_auth_session_expires_at", "oidc_auth_session", ["expires_at"])


def downgrade() -> None:
    op.drop_table("oidc_auth_session")

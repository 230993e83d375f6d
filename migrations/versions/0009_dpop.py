"""DPoP proofs that were used, for as long as they could be used again"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_dpop_proof",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_oidc_dpop_proof"),
    )
    op.create_index("ix_oidc_dpop_proof_expires_at", "oidc_dpop_proof", ["expires_at"])


def downgrade() -> None:
    op.drop_table("oidc_dpop_proof")

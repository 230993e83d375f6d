"""answers of the JSON API, given again under the same idempotency key"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant, Sealed

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_answer",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", Sealed(), nullable=True),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_answer")),
    )
    op.create_index("ix_api_answer_expires_at", "api_answer", ["expires_at"])


def downgrade() -> None:
    op.drop_table("api_answer")

"""cases of the security team"""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "security_case",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_ref", sa.String(length=64), nullable=False),
        sa.Column("auth_event_id", sa.String(length=16), nullable=True),
        sa.Column("opened_at", Instant(timezone=True), nullable=False),
        sa.Column("closed_at", Instant(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("conclusion", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_security_case")),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_security_case_open",
        "security_case",
        ["subject_ref", "kind"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def downgrade() -> None:
    op.drop_table("security_case")

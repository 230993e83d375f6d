"""cosignatures: what a witness signed of each checkpoint"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_cosignature",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_cosignature"),
    )


def downgrade() -> None:
    op.drop_table("audit_cosignature")

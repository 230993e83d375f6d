"""decision records of accepted creations: they can be decided again by other rules"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("insured_decision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("refused", sa.Boolean(), server_default=sa.true(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("insured_decision", schema=None) as batch_op:
        batch_op.drop_column("refused")

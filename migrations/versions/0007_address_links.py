"""links that carry an address: a change of address is confirmed, and taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_column("address")

"""links that name the event their mail tells of"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cause", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_column("cause")

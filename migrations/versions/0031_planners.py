"""planners of cuts: by the id of their account"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("security_cut", sa.Column("planner_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("security_cut") as cut:
        cut.drop_column("planner_id")

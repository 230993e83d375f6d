"""A logout at FranceConnect comes back with a state of any length"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fc_logout", schema=None) as batch_op:
        batch_op.alter_column("return_to", existing_type=sa.String(length=512), type_=sa.Text())


def downgrade() -> None:
    with op.batch_alter_table("fc_logout", schema=None) as batch_op:
        batch_op.alter_column("return_to", existing_type=sa.Text(), type_=sa.String(length=512))

"""ties: one FranceConnect identity per account and issuer; login requests that end"""

import sqlalchemy as sa
from alembic import op

import broker.base.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upstream_tie",
        sa.Column("iss", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("tied_at", broker.base.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_upstream_tie_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("iss", "sub", name=op.f("pk_upstream_tie")),
        sa.UniqueConstraint("account_id", "iss", name=op.f("uq_upstream_tie_account_id_iss")),
    )
    # Stops where an account has two identities of one issuer: which one is right, people know.
    op.execute(
        "INSERT INTO upstream_tie (iss, sub, account_id, tied_at)"
        " SELECT iss, sub, account_id, linked_at FROM upstream_link"
    )
    op.drop_table("upstream_link")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tie", sa.Text(), nullable=True))
    with op.batch_alter_table("login_request", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("ended_at", broker.base.db.Instant(timezone=True), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_login_request_browser"), ["browser"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("login_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_request_browser"))
        batch_op.drop_column("ended_at")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_column("tie")
    op.create_table(
        "upstream_link",
        sa.Column("iss", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("linked_at", broker.base.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_upstream_link_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("iss", "sub", name=op.f("pk_upstream_link")),
    )
    with op.batch_alter_table("upstream_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_upstream_link_account_id"), ["account_id"], unique=False
        )
    op.execute(
        "INSERT INTO upstream_link (iss, sub, account_id, linked_at)"
        " SELECT iss, sub, account_id, tied_at FROM upstream_tie"
    )
    op.drop_table("upstream_tie")

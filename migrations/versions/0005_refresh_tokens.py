"""Refresh tokens: a grant outlives its first access token; access tokens get their own table."""

import sqlalchemy as sa
from alembic import op

from broker.base.db import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ADDED = {
    "browser": sa.String(length=64),
    "resources": sa.Text(),
    "confirmation": sa.String(length=43),
    "offline": sa.Boolean(),
    "generation": sa.Integer(),
    "refresh_digest": sa.LargeBinary(length=32),
    "expires_at": Instant(timezone=True),
    "ends_at": Instant(timezone=True),
}
_REQUIRED = ("browser", "resources", "offline", "generation", "expires_at", "ends_at")


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("client") as client:
        client.add_column(sa.Column("served_since", Instant(timezone=True)))
    with op.batch_alter_table("oidc_grant") as grant:
        for name, kind in _ADDED.items():
            grant.add_column(sa.Column(name, kind))
    op.execute(
        "UPDATE oidc_grant SET browser = '', resources = '', offline = false, generation = 0,"
        " expires_at = coalesce(access_expires_at, code_expires_at),"
        " ends_at = coalesce(access_expires_at, code_expires_at)"
    )
    op.execute(
        "INSERT INTO oidc_access_token"
        " (digest, code_digest, generation, scopes, issued_at, expires_at)"
        " SELECT access_digest, code_digest, 0, scopes, redeemed_at, access_expires_at"
        " FROM oidc_grant WHERE access_digest IS NOT NULL"
    )
    with op.batch_alter_table("oidc_grant") as grant:
        for name in _REQUIRED:
            grant.alter_column(name, existing_type=_ADDED[name], nullable=False)
        grant.drop_index("ix_oidc_grant_created_at")
        grant.drop_index("ix_oidc_grant_sid")
        grant.drop_constraint("uq_oidc_grant_access_digest", type_="unique")
        for name in ("access_digest", "access_expires_at", "code_expires_at"):
            grant.drop_column(name)
        grant.create_index("ix_oidc_grant_expires_at", ["expires_at"])


def _create_tables() -> None:
    op.create_table(
        "oidc_access_token",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("jti", sa.String(length=43)),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text()),
        sa.Column("confirmation", sa.String(length=43)),
        sa.Column("issued_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_oidc_access_token"),
    )
    op.create_table(
        "oidc_rotated_token",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_oidc_rotated_token"),
    )
    for table in ("oidc_access_token", "oidc_rotated_token"):
        for column in ("code_digest", "expires_at"):
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    op.drop_table("oidc_rotated_token")
    op.drop_table("oidc_access_token")
    with op.batch_alter_table("client") as client:
        client.drop_column("served_since")
    with op.batch_alter_table("oidc_grant") as grant:
        grant.drop_index("ix_oidc_grant_expires_at")
        for name in _ADDED:
            grant.drop_column(name)
        grant.add_column(sa.Column("code_expires_at", Instant(timezone=True)))
        grant.add_column(sa.Column("access_digest", sa.LargeBinary(length=32)))
        grant.add_column(sa.Column("access_expires_at", Instant(timezone=True)))
        grant.create_unique_constraint("uq_oidc_grant_access_digest", ["access_digest"])
        grant.create_index("ix_oidc_grant_created_at", ["created_at"])
        grant.create_index("ix_oidc_grant_sid", ["sid"])
    op.execute("UPDATE oidc_grant SET code_expires_at = created_at")
    with op.batch_alter_table("oidc_grant") as grant:
        grant.alter_column("code_expires_at", existing_type=Instant(timezone=True), nullable=False)

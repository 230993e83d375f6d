"""indexes of the trail for what failed, and for when somebody logged in before"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_LOGIN = sa.text("type = 'session.created'")
_FAILED = sa.text("""body LIKE '%"outcome":"failure"%'""")


def upgrade() -> None:
    op.create_index(
        "ix_audit_event_login", "audit_event", ["subject_ref", "time"],
        sqlite_where=_LOGIN, postgresql_where=_LOGIN,
    )  # fmt: skip
    op.create_index(
        "ix_audit_event_failed", "audit_event", ["type", "time"],
        sqlite_where=_FAILED, postgresql_where=_FAILED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_audit_event_failed", "audit_event")
    op.drop_index("ix_audit_event_login", "audit_event")

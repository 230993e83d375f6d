"""The indexes of the trail hold only the events that have the value"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLE = "audit_event"
_IDENTIFIERS = (
    "subject_ref", "client_id", "auth_event_id", "interaction_id", "txn", "request_id"
)  # fmt: skip


def upgrade() -> None:
    for name in ("type", "time", *_IDENTIFIERS):
        op.drop_index(f"ix_{_TABLE}_{name}", _TABLE)
    op.create_index(f"ix_{_TABLE}_type_time", _TABLE, ["type", "time"])
    op.create_index(f"ix_{_TABLE}_time", _TABLE, ["time"], postgresql_using="brin")
    for name in _IDENTIFIERS:
        present = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_{_TABLE}_{name}", _TABLE, [name], sqlite_where=present, postgresql_where=present
        )


def downgrade() -> None:
    for name in ("type_time", "time", *_IDENTIFIERS):
        op.drop_index(f"ix_{_TABLE}_{name}", _TABLE)
    for name in ("type", "time", *_IDENTIFIERS):
        op.create_index(f"ix_{_TABLE}_{name}", _TABLE, [name])

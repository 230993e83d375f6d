"""An event is found by the code, token or session that it made"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TABLE = "audit_event"
_COLUMNS = ("made_ref", "made_jti")
# Where the events that are there already tell what they made.
_MADE = (
    ("made_ref", "token.issued", ("token", "hash_prefix")),
    ("made_jti", "token.issued", ("token", "jti")),
    ("made_ref", "code.issued", ("code_ref",)),
    ("made_ref", "session.created", ("session_ref",)),
)


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column(_TABLE, sa.Column(name, sa.String(64)))
    event = sa.table(_TABLE, *map(sa.column, ("type", "body", *_COLUMNS)))
    for name, kind, path in _MADE:
        if op.get_bind().dialect.name == "postgresql":
            made = sa.func.json_extract_path_text(sa.cast(event.c.body, sa.JSON), *path)
        else:
            made = sa.func.json_extract(event.c.body, f"$.{'.'.join(path)}")
        op.execute(sa.update(event).where(event.c.type == kind).values({name: made}))
    for name in _COLUMNS:
        present = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_{_TABLE}_{name}", _TABLE, [name], sqlite_where=present, postgresql_where=present
        )


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_index(f"ix_{_TABLE}_{name}", _TABLE)
        with op.batch_alter_table(_TABLE) as table:
            table.drop_column(name)

"""The old and the next version on one database, as during an upgrade."""

import shutil
import subprocess
import sys

import psycopg
import pytest

from tests.conftest import ROOT
from tests.edge.conftest import visitor
from tests.support.account_holder import LINK
from tests.support.edge_stack import plain

pytestmark = pytest.mark.processes
_NEXT = '''
"""Expand: room for what the next version writes."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{present}"


def upgrade() -> None:
    op.add_column("account", sa.Column("of_the_next_version", sa.String(20)))
    op.create_table("next_version", sa.Column("id", sa.String(20), primary_key=True))


def downgrade() -> None:
    op.drop_table("next_version")
    op.drop_column("account", "of_the_next_version")
'''


@pytest.fixture
def next_version(stack, tmp_path):
    """Return a copy of this version that knows one migration more; afterwards it is forgotten."""
    present = stack.ask_owner("SELECT version_num FROM alembic_version")
    for name in ("broker", "migrations", "templates", "static", "config/detection"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "migrations/versions/next.py").write_text(_NEXT.format(present=present))
    yield tmp_path
    stack.code = ROOT
    with psycopg.connect(plain(stack.owner_url)) as owner:
        owner.execute("ALTER TABLE account DROP COLUMN of_the_next_version")
        owner.execute("DROP TABLE next_version")
        owner.execute("UPDATE alembic_version SET version_num = %s", [present])
    stack.restart()


def test_people_go_on_while_the_nodes_change_to_the_next_version(stack, next_version):
    person = visitor(stack)
    stack.end("worker")
    person.reaches_contact()

    stack.code = next_version
    stack.migrate()
    person.browser.submits(**person.contact)  # the old nodes, on the new schema
    stack.restart_node(0)
    stack.start_worker()
    person.browser.opens(person.newest(LINK)).submits()  # one of each
    person.browser.opens("/connexion")
    person.logs_in()
    stack.restart_node(1)

    assert person.browser.opens("/mon-compte").url.endswith("/mon-compte")
    assert stack.ask_owner("SELECT version_num FROM alembic_version") == "next"


def test_a_version_does_not_start_on_the_schema_of_another(stack, next_version):
    stack.code = next_version
    stack.migrate()

    old = subprocess.run(
        [sys.executable, "-m", "broker", "serve"],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert old.returncode == 2
    assert "schema next" in old.stderr

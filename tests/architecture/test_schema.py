"""The migrations make exactly the tables that the code declares, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from broker import migration
from broker.base.db import Base, Database
from broker.base.errors import ServiceNotReady
from tests.conftest import ROOT, test_settings


def test_the_migrations_make_the_declared_tables(app: Flask):
    engine = app.extensions["broker"][Database].engine

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_the_migrations_form_one_line():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    scripts = ScriptDirectory.from_config(config)

    assert len(scripts.get_heads()) == 1


def test_a_server_that_is_too_old_is_refused(postgres, monkeypatch):
    settings = test_settings(postgres.new_database())
    monkeypatch.setattr(migration, "_OLDEST_POSTGRESQL", 99)

    with pytest.raises(ServiceNotReady, match="is too old: 99 or later is needed"):
        migration.migrate(settings)

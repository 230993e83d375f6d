"""Brings the database to the current schema, and tells whether it is there."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from broker.base.engine import prepare_engine
from broker.base.errors import ServiceNotReady
from broker.base.places import folder
from broker.base.settings import Settings

_OLDEST_POSTGRESQL = 16  # the first that tells what is no JSON, and no address, without failing


def migrate(settings: Settings) -> None:
    """Apply every migration that is missing; does nothing on a current database.

    Raises ServiceNotReady where the server is older than what questions to the trail need.
    """
    engine = create_engine(settings.migration_database_url or settings.database_url)
    prepare_engine(engine)
    try:
        with engine.begin() as connection:
            _require_recent(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def require_current_schema(engine: Engine) -> None:
    """Raise ServiceNotReady on a database that ``broker migrate`` has not brought up to date."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if present != wanted:
        raise ServiceNotReady(
            f"the database is at schema {present or 'none'}, not {wanted}: run `broker migrate`"
        )


def require_current_schema_of(settings: Settings) -> None:
    """Raise ServiceNotReady unless the settings' database is at the current schema."""
    engine = create_engine(settings.database_url)
    try:
        require_current_schema(engine)
    except SQLAlchemyError as error:
        raise ServiceNotReady(f"the database does not answer ({type(error).__name__})") from None
    finally:
        engine.dispose()


def _require_recent(connection: Connection) -> None:
    version = connection.dialect.server_version_info or ()
    if connection.dialect.name == "postgresql" and version < (_OLDEST_POSTGRESQL,):
        raise ServiceNotReady(f"PostgreSQL is too old: {_OLDEST_POSTGRESQL} or later is needed")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    return config

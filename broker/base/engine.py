"""How connections are opened, lent again, and begin a transaction, on each database."""

import sqlite3
import time
from functools import partial
from threading import Lock

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import ConnectionPoolEntry

from broker.base.context import address_line
from broker.base.statements import Driver
from broker.base.wires import BEGIN, PostgresWire, SqliteWire

WIRE = "wire"
"""Under which a connection of the pool has its Wire with it."""
_PAUSE = 1.0  # seconds after which a connection may have died unnoticed
_BUSY_TIMEOUT = 15_000  # milliseconds a SQLite writer waits for another one
_ANY_TEXT = partial(str, encoding="utf-8", errors="replace")
_LOG = 8_000  # pages of the write-ahead log: one written again and again is copied home once
_CACHE = -65_536  # KiB of pages (negative: not a count) that a SQLite connection may keep


def prepare_engine(engine: Engine) -> None:
    """Begin transactions where the application does, and nowhere else.

    A single read is its own transaction on both databases. On SQLite no update is lost: there is
    a write-ahead log, and one writer at a time.
    """
    on_sqlite = engine.dialect.name == "sqlite"
    turn = Lock()  # of this process, to write to this database
    configure = partial(_configure_sqlite, turn) if on_sqlite else _configure_postgresql
    event.listen(engine, "connect", configure)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("broker_reads", False):
            driver: Driver = connection.connection.driver_connection
            driver.execute(BEGIN[engine.dialect.name])

    if not on_sqlite:
        _ask_after_a_pause(engine)


def says_away(error: BaseException) -> bool:
    """Tell whether an error means that the database cannot be had now, and may be in a moment."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    busy = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return busy or isinstance(cause, psycopg.OperationalError | NoneFree)


def read_any_text(engine: Engine) -> None:
    """Let reading fail no more at a text that is none: SQLite takes any bytes for one.

    It costs a call for each text, which only those pay who judge what others wrote.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "checkout", _read_any_text)


def _read_any_text(driver: Driver, _record: ConnectionPoolEntry, _lent: object) -> None:
    driver.text_factory = _ANY_TEXT


def _configure_sqlite(turn: Lock, driver: Driver, record: ConnectionPoolEntry) -> None:
    driver.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT}",
        f"cache_size={_CACHE}",
        f"wal_autocheckpoint={_LOG}",
    ):
        driver.execute(f"PRAGMA {pragma}")
    driver.create_function("address_line", 1, _line, deterministic=True)
    record.info[WIRE] = SqliteWire(driver, turn)


def _line(address: str | None) -> str | None:
    """Group events by source: SQLite knows no networks."""
    return address_line(str(address)).removesuffix("/32") if address else None


def _configure_postgresql(driver: Driver, record: ConnectionPoolEntry) -> None:
    driver.autocommit = True
    # psycopg lets the server forget all that is prepared, its Wire's too, when it undoes a
    # transaction; it does not where it prepares nothing itself.
    driver.prepare_threshold = None
    # As text, psycopg escapes each of the thousands of digests that an import asks for.
    driver.adapters.register_dumper(list, ListBinaryDumper)
    record.info[WIRE] = PostgresWire(driver)


def _ask_after_a_pause(engine: Engine) -> None:
    """Ask a connection that nobody used for a while whether it still answers.

    To ask each time would cost as much as many a read.
    """

    @event.listens_for(engine, "checkin")
    def _note(_driver: Driver, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(driver: Driver, record: ConnectionPoolEntry, _lent: object) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < _PAUSE:
            return
        try:
            driver.execute("")
        except psycopg.OperationalError as error:
            raise InvalidatePoolError from error

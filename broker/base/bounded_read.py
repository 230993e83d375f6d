"""A read that ends after so many seconds, so that no question keeps the database busy."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import psycopg
from sqlalchemy import Executable
from sqlalchemy.exc import MultipleResultsFound, OperationalError

from broker.base.db import Database
from broker.base.errors import Refusal
from broker.base.statements import Driver, Prepared

_INSTRUCTIONS = 10_000  # of SQLite's machine between two looks at the time


class ReadTooLong(Refusal):
    """What was asked takes longer than the caller waits, or more memory than it has for it."""

    code = "read-too-long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, kw_only=True)
class BoundedReads(Database):
    """Reads that together end after so many seconds, or raise ReadTooLong."""

    end: float
    """Of the clock that no one sets: what a database does takes real time."""

    @classmethod
    def of(cls, db: Database, seconds: float) -> Self:
        """Return what reads the same database, from now on for so long."""
        return cls(db.engine, end=time.monotonic() + seconds)

    def all(self, statement: Executable | Prepared, **values: object) -> Sequence[Any]:
        """Return every row."""
        if isinstance(statement, Prepared):
            return super().all(statement, **values)
        return all_within(self, self.end - time.monotonic(), statement)

    def one(self, statement: Executable | Prepared, **values: object) -> Any:  # noqa: ANN401 - as above it
        """Return the only row, or None."""
        rows = self.all(statement, **values)
        if len(rows) > 1:
            raise MultipleResultsFound
        return rows[0] if rows else None

    def scalar(self, statement: Executable | Prepared, **values: object) -> Any:  # noqa: ANN401 - as above it
        """Return the first column of the first row, or None."""
        rows = self.all(statement, **values)
        return rows[0][0] if rows else None


def all_within(db: Database, seconds: float, statement: Executable) -> Sequence[Any]:
    """Return every row, or raise ReadTooLong; joins no transaction, since it may end it."""
    if seconds <= 0:
        raise ReadTooLong
    stopping = {"sqlite": _stopping_sqlite, "postgresql": _stopping_postgresql}
    with db.engine.connect() as lent:
        reading = lent.execution_options(broker_reads=True)
        driver: Driver = lent.connection.driver_connection
        try:
            with stopping[db.engine.dialect.name](driver, seconds):
                return reading.execute(statement).all()
        except OperationalError as error:
            if _was_stopped(error.orig):
                raise ReadTooLong from error
            raise


@contextmanager
def _stopping_postgresql(driver: Driver, seconds: float) -> Iterator[None]:
    driver.execute("BEGIN READ ONLY")
    try:
        driver.execute(
            f"SET LOCAL statement_timeout = {max(1, int(seconds * 1_000))}"
        )  # 0: endless
        yield
    finally:
        driver.execute("ROLLBACK")


@contextmanager
def _stopping_sqlite(driver: Driver, seconds: float) -> Iterator[None]:
    # What a database does takes real time, whatever the application's clock says.
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() >= end, _INSTRUCTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _was_stopped(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    return isinstance(error, psycopg.errors.QueryCanceled)

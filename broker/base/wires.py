"""How hot statements travel: to SQLite by its driver, to PostgreSQL by libpq itself.

psycopg waits for each answer in Python, which costs several times what libpq needs for it; what
values become stays its own. What nobody waits for (BEGIN, inserts, COMMIT) leaves together with
the next statement that somebody waits for, in one round trip.
"""

import select
import sqlite3
from collections.abc import Sequence
from itertools import count
from threading import Lock
from typing import Any, Protocol

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
"""A deferred transaction of SQLite that reads, then writes, can lose the race without waiting."""
_TURN = 15  # seconds; then SQLite itself judges whether somebody still writes
_Prepared = tuple[bytes, Sequence[Any], Sequence[Any]]
"""Name, values and their formats, as libpq wants them."""
_LOST = "the connection was lost"
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Wire(Protocol):
    """One connection; a statement is a text with the placeholders of its driver."""

    driver: Any

    def begin(self) -> None:
        """Open a transaction."""

    def rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; return what it gives."""

    def count(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement; return how many rows it changed."""

    def later(self, text: str, values: Sequence[Any]) -> None:
        """Run a statement, at the latest with the end of the transaction; that it fails, too."""

    def settle(self) -> None:
        """Run what waits, before the driver itself is used."""

    def roll_back(self) -> None:
        """Undo the transaction."""

    def commit(self) -> None:
        """Make the transaction durable."""


class SqliteWire:
    """The database is in this process: nothing has to wait, but for the turn to write.

    SQLite has one writer at a time, and lets the others sleep and ask again. Threads of one
    process wait for each other by a lock instead: who is next goes on at once.
    """

    def __init__(self, driver: sqlite3.Connection, turn: Lock) -> None:
        self.driver = driver
        self._turn, self._ours = turn, False

    def begin(self) -> None:
        """Open a transaction as the one writer."""
        self._wait()
        self.driver.execute(BEGIN["sqlite"])

    def rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; return what it gives."""
        return self.driver.execute(text, values).fetchall()

    def count(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement; return how many rows it changed."""
        return self.driver.execute(text, values).rowcount

    def later(self, text: str, values: Sequence[Any]) -> None:
        """Run a statement now, in a transaction of its own where none is open."""
        alone = not self.driver.in_transaction
        if alone:
            self._wait()
        try:
            self.driver.execute(text, values)
        finally:
            if alone:
                self._pass_on()

    def settle(self) -> None:
        """Nothing waits."""

    def roll_back(self) -> None:
        """Undo the transaction."""
        try:
            self.driver.rollback()
        finally:
            self._pass_on()

    def commit(self) -> None:
        """Make the transaction durable."""
        self.driver.commit()
        self._pass_on()

    def _wait(self) -> None:
        self._ours = self._turn.acquire(timeout=_TURN)

    def _pass_on(self) -> None:
        if self._ours:
            self._ours = False
            self._turn.release()


class PostgresWire:
    """Statements that one connection has prepared, and those that wait to leave."""

    def __init__(self, driver: psycopg.Connection) -> None:
        self.driver = driver
        self._pg = driver.pgconn
        self._values = Transformer(driver)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._number = count()
        self._waiting: list[_Prepared] = []

    def begin(self) -> None:
        """Open a transaction with the first statement that somebody waits for."""
        self.later(BEGIN["postgresql"], ())

    def rows(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; return what it gives."""
        result = self._run(text, values)
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    def count(self, text: str, values: Sequence[Any]) -> int:
        """Run a statement; return how many rows it changed."""
        return self._run(text, values).command_tuples or 0

    def later(self, text: str, values: Sequence[Any]) -> None:
        """Let a statement wait for the next round trip."""
        dumped = self._values.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types, formats = self._values.types or (), self._values.formats or ()
        name = self._names.get((text, types)) or self._prepare(text, types)
        self._waiting.append((name, dumped, formats))

    def settle(self) -> None:
        """Send what waits."""
        if self._waiting:
            self._send()

    def roll_back(self) -> None:
        """Undo the transaction, of which what waits is never sent.

        psycopg's own would let the server forget what was prepared.
        """
        self._waiting = []
        if self._pg.transaction_status != TransactionStatus.IDLE:
            self._answer(self._pg.exec_(b"ROLLBACK"))

    def commit(self) -> None:
        """Make the transaction durable; one that had failed is not."""
        if self._run("COMMIT", ()).command_status != b"COMMIT":
            raise InFailedSqlTransaction("the transaction had failed before its end")

    def _run(self, text: str, values: Sequence[Any]) -> PGresult:
        self.later(text, values)
        return self._send()

    def _send(self) -> PGresult:
        """Send all that waits; return the answer of the last, or raise the first that failed."""
        waiting, self._waiting = self._waiting, []
        results = self._together(waiting) if waiting[1:] else [self._pg.exec_prepared(*waiting[0])]
        return [self._answer(result) for result in results][-1]

    def _answer(self, result: PGresult) -> PGresult:
        if result.status in _DONE:
            return result
        if result.error_field(DiagnosticField.SQLSTATE) is None:  # libpq says so, not the server
            raise psycopg.OperationalError(_LOST)
        error = error_from_result(result)
        if isinstance(error, InvalidSqlStatementName):
            self._names.clear()  # the server forgot them: the next try prepares them again
        raise error

    def _prepare(self, text: str, types: tuple[int, ...]) -> bytes:
        first, *rest = text.split("%s")
        numbered = first + "".join(f"${at}{part}" for at, part in enumerate(rest, 1))
        name = f"hot_{next(self._number)}".encode()
        self._answer(self._pg.prepare(name, numbered.replace("%%", "%").encode(), types))
        self._names[text, types] = name
        return name

    def _together(self, waiting: Sequence[_Prepared]) -> list[PGresult]:
        """Send them in one go (libpq's pipeline); after one that fails, none is run."""
        try:
            self._pg.enter_pipeline_mode()
            for each in waiting:
                self._pg.send_query_prepared(*each)
            self._pg.pipeline_sync()
            results = self._answers()
            self._pg.exit_pipeline_mode()
        except BaseException:
            self.driver.close()  # in between two answers nobody can use it
            raise
        return results

    def _answers(self) -> list[PGresult]:
        pg, results = self._pg, list[PGresult]()
        while True:
            while pg.flush():
                self._wait(select.POLLIN | select.POLLOUT)
            while pg.is_busy():
                self._wait(select.POLLIN)
            result = pg.get_result()
            if result is None:  # between two answers
                if pg.status != ConnStatus.OK:
                    raise psycopg.OperationalError(_LOST)
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)

    def _wait(self, events: int) -> None:
        """Let other threads run until the server has something to say, or room to hear."""
        poll = select.poll()
        poll.register(self._pg.socket, events)
        poll.poll()
        self._pg.consume_input()

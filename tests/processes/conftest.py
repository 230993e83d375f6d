"""Two server processes on a real PostgreSQL, whole, and told to break."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT
from tests.support.account_holder import AccountHolder
from tests.support.people import Insured, without_account
from tests.support.postgres import PostgresCluster
from tests.support.stack import Stack

_people = without_account()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stack(postgres: PostgresCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    changes = {"BROKER_THREADS": "12"}
    running = Stack(tmp_path_factory.mktemp("two"), postgres.new_database(), 2, changes)
    running.prepare(ROOT / "data/records.csv")
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="session")
def people() -> Iterator[Insured]:
    """People who have no account yet, each given once."""
    return _people


@pytest.fixture
def newcomer(stack: Stack) -> Callable[[], AccountHolder]:
    """Return a function that makes a person who has no account yet."""

    def make() -> AccountHolder:
        return AccountHolder(stack, next(_people), f"nouveau{next(_numbers)}@exemple.fr")

    return make

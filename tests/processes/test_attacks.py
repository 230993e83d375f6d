"""Attackers of a running service reach no more guesses than the security budget says.

Each attack lasts a day of the service's clock, which libfaketime moves; guesses are made many at
once over two processes, one of which is killed in the middle.
"""

from collections.abc import Iterator

import pytest

from tests.conftest import require
from tests.support.attacks import ATTACKS
from tests.support.besieged import Besieged, simulated
from tests.support.faketime import FAKETIME
from tests.support.postgres import PostgresCluster
from tests.support.siege import lay

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def service(
    postgres: PostgresCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Besieged]:
    require("libfaketime", present=FAKETIME is not None)
    folder = tmp_path_factory.mktemp("besieged")
    with Besieged.running(folder, postgres.new_database(), simulated()) as running:
        yield running
        running.stack.require_no_leak()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_reaches_more_than_its_budget(service: Besieged, attack: str) -> None:
    reached = lay(service, attack, ATTACKS[attack](service))

    assert reached.holds, reached
    assert reached.proves, f"a weak attack: {reached}"

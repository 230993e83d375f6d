"""What every refusal of a faulty answer must be, for the plans of a relying party."""

from tests.franceconnect.expected import EXPECTED
from tests.franceconnect.test_faulty_answers import assert_refused
from tests.franceconnect.world import World


def assert_each_refused(world: World, *faults: str) -> None:
    """Refused: nothing is kept and FranceConnect is asked nothing after the fault."""
    for fault in faults:
        before = world.kept

        response = world.round_trip(fault)

        assert_refused(world, response, EXPECTED[fault].with_known_keys())
        assert world.kept == before


def assert_each_accepted(world: World, *surprises: str) -> None:
    """A lawful surprise: the identity is kept, and waits for the journey."""
    for surprise in surprises:
        world.order(surprise)
        before = world.identities

        response = world.round_trip(surprise)

        assert response.status_code == 303
        assert world.identities == before + 1

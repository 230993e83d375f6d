import pytest

from tests.unit.accounts.builders import Bench, claire
from tests.unit.signup.visitor import Visitor


@pytest.fixture
def bench(app):
    return Bench(app)


@pytest.fixture
def insured_id(bench):
    return bench.registers(claire())


@pytest.fixture
def visitor(app):
    return Visitor(app)


@pytest.fixture
def limit(bench):
    """Set limits of the services of the journeys, which are built from one object."""

    def change(*services, **limits):
        for service in services:
            built = bench.of(service)
            changed = built.limits.model_copy(update=limits)
            bench.app.extensions["broker"][service] = service(**{**vars(built), "limits": changed})

    return change

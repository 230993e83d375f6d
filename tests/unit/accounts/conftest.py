import pytest

from tests.unit.accounts.builders import Bench, claire


@pytest.fixture
def bench(app):
    return Bench(app)


@pytest.fixture
def insured_id(bench):
    return bench.registers(claire())


@pytest.fixture
def limited(bench):
    """Return a service with other limits than the test profile's."""

    def build(service, **limits):
        built = bench.of(service)
        changed = built.limits.model_copy(update=limits)
        values = {**vars(built), "limits": changed}
        if "requests" in values:
            requests = values["requests"]
            values["requests"] = type(requests)(**{**vars(requests), "limits": changed})
        return service(**values)

    return build

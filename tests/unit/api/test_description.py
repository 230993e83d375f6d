"""The description of the API, judged by libraries: what it says, and whether the API does it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from tests.conftest import test_settings as settings_of
from tests.unit.api.conftest import BASE

pytestmark = pytest.mark.usefixtures("insured_id")
DESCRIPTION = "/api/openapi.json"
EXAMINED = hypothesis_settings(max_examples=40, suppress_health_check=list(HealthCheck))
# What has the form that the schema asks may still be nobody's number.
RULES = {
    "not_a_server_error": {"expected-statuses": ["2xx", "4xx"]},
    "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "409", "422", "429"]},
}
PATHS = ("", "/identite", "/carte", "/compte")
by_mode = pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.fixture
def settings(sqlite_url):
    """Of one kind of database; what one address may ask in a while is not examined here."""
    return settings_of(sqlite_url, BROKER_LIMIT_ADDRESS_COUNT="100000")


@pytest.fixture
def described(app):
    config = SchemathesisConfig.from_dict({"checks": RULES})
    return schemathesis.openapi.from_wsgi(DESCRIPTION, app, config=config)


def test_the_description_is_openapi_3_1(client):
    OpenAPIV31SpecValidator(client.get(DESCRIPTION).json).validate()


@by_mode
def test_a_stranger_gets_documented_answers_only(described, mode):
    seen = set()

    @EXAMINED
    @given(case=described.as_strategy(mode))
    def examine(case):
        seen.add(case.call_and_validate().status_code)

    examine()
    assert seen


@by_mode
@pytest.mark.parametrize("steps", range(4))
def test_each_step_answers_as_documented_whatever_it_is_sent(native, described, steps, mode):
    for step in (native.begins, native.identifies, native.proves)[:steps]:
        assert step().status_code < 300
    operation, seen = described[BASE + PATHS[steps]]["POST"], set()

    @EXAMINED
    @given(case=operation.as_strategy(mode, headers={"Journey-Token": native.token}))
    def examine(case):
        seen.add(case.call_and_validate().status_code)

    examine()
    assert 422 in seen or mode is GenerationMode.NEGATIVE  # the step was reached, and answered

"""oidcc-basic-certification-test-plan: the answer comes in the query."""

import pytest

from tests.conformance.basic_modules import *  # noqa: F403 - the modules are this plan's tests


@pytest.fixture
def response_mode() -> None:
    return None

"""oidcc-formpost-basic-certification-test-plan: the same modules, answers and errors as forms."""

import pytest

from tests.conformance.basic_modules import *  # noqa: F403 - the modules are this plan's tests


@pytest.fixture
def response_mode() -> str:
    return "form_post"

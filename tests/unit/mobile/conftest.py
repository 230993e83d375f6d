import pytest

from tests.unit.mobile.owner import PhoneOwner
from tests.unit.signup.conftest import bench, insured_id, limit

__all__ = ["bench", "insured_id", "limit", "owner"]


@pytest.fixture
def owner(app):
    return PhoneOwner(app)

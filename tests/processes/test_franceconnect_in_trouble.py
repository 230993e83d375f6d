"""A FranceConnect that is silent, slow or down costs password logins nothing."""

import pytest

from tests.support.login_latency import Rig

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with Rig.running(tmp_path_factory.mktemp("trouble")) as running:
        yield running


@pytest.mark.parametrize("trouble", ["falls_silent", "drips", "refuses"])
def test_password_logins_keep_their_speed(rig, trouble):
    taken = rig.measure(getattr(rig.upstream, trouble))

    (calm, troubled), (calm_p95, troubled_p95) = taken.medians, taken.p95
    assert troubled < 2 * calm
    assert troubled_p95 < 3 * calm_p95

"""Commands of these tests run in the tests' own process."""

import pytest


@pytest.fixture(autouse=True)
def logs_stay_as_they_are(monkeypatch):
    """A command sets up the logs of its process for good: here later tests would read none."""
    monkeypatch.setattr("broker.cli.operation.configure_logs", lambda _settings: None)

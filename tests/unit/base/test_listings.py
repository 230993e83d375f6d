"""Listings of the commands, as other programs read them."""

import json
from datetime import UTC, datetime

from broker.cli.operation import show


def test_instants_of_a_json_listing_are_iso_8601(capsys):
    show([{"at": datetime(2026, 3, 2, 11, 0, tzinfo=UTC)}], as_json=True)

    assert json.loads(capsys.readouterr().out) == {"at": "2026-03-02T11:00:00+00:00"}

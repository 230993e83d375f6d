"""The samples in docs/export-samples are what is exported, and what its readers expect."""

import json

import pytest

from broker.audit.catalogue import kinds
from broker.audit.formats.ocsf import ocsf
from scripts.event_samples import samples
from scripts.write_export_samples import written
from tests.support.ocsf import ocsf_flaws
from tests.support.recorder import require_documented

BODIES = [json.loads(body) for body in samples()]


def test_the_samples_are_what_is_exported():
    stale = [place.name for place, text in written().items() if place.read_text() != text]

    assert stale == [], "run python -m scripts.write_export_samples"


def test_there_is_a_sample_of_every_kind_of_event_and_each_is_one_that_may_be_recorded():
    assert {body["type"] for body in BODIES} == set(kinds())
    require_documented(samples())


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["type"])
def test_the_published_schema_of_ocsf_has_nothing_against_a_sample(body: dict):
    assert ocsf_flaws(ocsf(body, 7)) == []


def test_the_published_schema_of_ocsf_refuses_what_it_does_not_know():
    told = ocsf(BODIES[0], 7)

    assert ocsf_flaws(told | {"activity_id": 77})
    assert ocsf_flaws(told | {"colour": "blue"})

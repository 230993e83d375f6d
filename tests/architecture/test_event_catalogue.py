"""The catalogue of events is what the classes say, and says enough."""

import json
import re

import jsonschema
import pytest

from broker.audit.catalogue import kinds
from broker.audit.model import Event
from broker.audit.taxonomy import Activity
from broker.audit.vocabulary import VOCABULARY
from scripts.event_schema import types_by_path
from scripts.write_event_catalogue import written
from tests.architecture.code import subclasses
from tests.support.ocsf import ocsf_class

# What ECS allows together: https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category
ECS_TYPES = {
    "api": {"access", "admin", "allowed", "change", "creation", "deletion", "denied", "end",
            "error", "info", "start", "user"},
    "authentication": {"start", "end", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "email": {"info"},
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "intrusion_detection": {"allowed", "denied", "info"},
    "session": {"start", "end", "info"},
}  # fmt: skip
EVENTS = [each for each in subclasses(Event) if hasattr(each, "type")]


def test_the_documents_are_what_the_classes_say():
    stale = [place.name for place, text in written().items() if place.read_text() != text]

    assert stale == [], "run python -m scripts.write_event_catalogue"


def test_every_event_of_the_code_is_in_the_catalogue_under_its_own_type():
    assert set(kinds().values()) == set(EVENTS)
    assert len(kinds()) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_says_what_it_means_and_what_others_call_it(event: type[Event]):
    assert event.__doc__
    assert not event.__doc__.startswith(f"{event.__name__}("), "the dataclass wrote it"
    assert event.activity is not Activity.UNKNOWN
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", event.type)


def test_every_field_has_a_meaning_and_every_meaning_a_field():
    assert types_by_path().keys() == VOCABULARY.keys()


def test_no_two_fields_go_to_one_place():
    for names in ([w.ocsf for w in VOCABULARY.values()], [w.ecs for w in VOCABULARY.values()]):
        taken = [name for name in names if name]
        assert len(taken) == len(set(taken))


@pytest.mark.parametrize("activity", Activity, ids=lambda activity: activity.name)
def test_an_activity_is_one_that_ocsf_and_ecs_know(activity: Activity):
    mapped = activity.value

    known = ocsf_class(mapped.ocsf)["attributes"]["activity_id"]["enum"]
    assert known[str(mapped.activity_id)]["caption"] == mapped.name
    allowed = set().union(*(ECS_TYPES[category] for category in mapped.category))
    assert set(mapped.type) <= allowed


def test_the_schema_is_one_and_closes_every_object():
    (schema,) = (json.loads(t) for place, t in written().items() if place.suffix == ".json")

    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [each for each in within(schema) if each.get("type") == "object"]
    assert objects
    assert [each for each in objects if each.get("additionalProperties") is not False] == []


def within(node: object) -> list[dict]:
    """Return every object of a JSON document."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) else []
    return own + [each for child in children for each in within(child)]

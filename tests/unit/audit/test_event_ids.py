"""The ids of events say when they happened, and in which order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import RFC_4122, UUID

from broker.audit.event_ids import EventIds
from tests.conftest import NOON


def test_an_id_is_a_uuid_of_version_7_with_the_milliseconds_of_its_event():
    (made,) = EventIds().at(NOON + timedelta(microseconds=123_456), 1)

    found = UUID(made)
    assert (found.version, found.variant, str(found)) == (7, RFC_4122, made)
    assert found.int >> 80 == int(NOON.timestamp() * 1_000) + 123


def test_events_of_one_moment_keep_their_order():
    ids = EventIds()

    made = [each for count in (1, 3, 0, 200) for each in ids.at(NOON, count)]

    assert made == sorted(set(made))
    assert len(made) == 204


def test_a_later_microsecond_comes_after_all_of_the_one_before():
    ids = EventIds()

    before = ids.at(NOON, 2_000)
    after = ids.at(NOON + timedelta(microseconds=1), 1)

    assert max(before) < after[0]


def test_a_clock_that_was_put_back_is_believed():
    ids = EventIds()
    ids.at(NOON, 1)

    assert ids.at(NOON - timedelta(seconds=1), 1) < ids.at(NOON, 1)


def test_threads_and_processes_share_no_id():
    ids, other = EventIds(), EventIds()

    with ThreadPoolExecutor(8) as threads:
        made = [
            each for some in threads.map(lambda _: ids.at(NOON, 50), range(40)) for each in some
        ]

    assert len({*made, *other.at(NOON, 2_000)}) == 4_000

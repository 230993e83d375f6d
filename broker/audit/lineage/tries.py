"""Refused passwords for which no partner asked: what ties them to the login that they led to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

Body = Mapping[str, Any]
_Body = TypeVar("_Body", bound=Body)
GAP = timedelta(hours=1)
"""Two tries further apart are of two runs: a person who comes back later begins anew."""
RIGHT = "login.password.ok"
KINDS = (RIGHT, "login.password.failed", "login.password.throttled")


def is_of_run(event: Body) -> bool:
    """Tell whether an event is a password of a person in a browser that nothing else ties.

    A refused one that a partner's request led to hangs on that request.
    """
    return (
        event["type"] in KINDS
        and "subject_ref" in event
        and "browsing_session_id" in event
        and (event["type"] == RIGHT or "interaction_id" not in event)
    )


def window(event: Body) -> tuple[datetime, datetime]:
    """Return the moments between which the neighbours of a try are: none follow a right one."""
    at = _at(event)
    return at - GAP, at if event["type"] == RIGHT else at + GAP


def runs(events: Iterable[_Body]) -> Iterator[list[_Body]]:
    """Yield the tries that follow each other in one browser for one person, up to a right one."""
    pairs: dict[tuple[str, str], list[_Body]] = defaultdict(list)
    for event in filter(is_of_run, events):
        pairs[event["subject_ref"], event["browsing_session_id"]].append(event)
    for tries in pairs.values():
        yield from _cut(sorted(tries, key=lambda each: (each["time"], each["event_id"])))


def parents(events: Iterable[Body]) -> dict[str, str]:
    """Return what each refused try hangs on: the login of its run, or the browser's tries."""
    found: dict[str, str] = {}
    for run in runs(events):
        last = run[-1]
        login = last.get("auth_event_id") if last["type"] == RIGHT else None
        parent = f"login:{login}" if login else f"tries:{last['browsing_session_id']}"
        found |= {each["event_id"]: parent for each in run if each["type"] != RIGHT}
    return found


def _cut(tries: Sequence[_Body]) -> Iterator[list[_Body]]:
    run: list[_Body] = []
    for each in tries:
        if run and (run[-1]["type"] == RIGHT or _at(each) - _at(run[-1]) > GAP):
            yield run
            run = []
        run.append(each)
    yield run


def _at(event: Body) -> datetime:
    return datetime.fromisoformat(event["time"])

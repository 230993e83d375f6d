"""Every kind of event that the service records, by its type."""

from functools import cache

from broker.audit.model import Event
from broker.audit.taxonomy import Activity, Mapped, Severity


def kinds() -> dict[str, type[Event]]:
    """Return the class of each type, in the order of the types; those that were imported."""
    found: list[type[Event]] = []
    waiting: list[type[Event]] = [Event]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found += (each for each in children if hasattr(each, "type"))
    return {each.type: each for each in sorted(found, key=lambda each: each.type)}


@cache
def makes() -> dict[str, str]:
    """Return which member names what an event made, for the types that make something."""
    return {kind: event.makes for kind, event in kinds().items() if event.makes}


def activity_of(kind: str) -> tuple[Mapped, Severity]:
    """Return what a type of event is to others; unknown, where it is recorded no more."""
    found = kinds().get(kind)
    if found is None:
        return Activity.UNKNOWN.value, Severity.INFORMATIONAL
    return found.activity.value, found.severity

"""Write docs/events.md and docs/events.schema.json from the classes of the events.

``python -m scripts.write_event_catalogue``; a test compares.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.catalogue import kinds
from broker.audit.model import Event
from broker.audit.taxonomy import ECS_VERSION, OCSF_VERSION
from broker.audit.vocabulary import VOCABULARY
from broker.base.settings import Settings
from scripts.event_schema import own_fields, schema, types_by_path

_DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA, CATALOGUE = _DOCS / "events.schema.json", _DOCS / "events.md"
_MONTHS = {
    kept: Settings.model_fields[f"audit_{kept}_months"].default
    for kept in ("security", "federation", "administration")
}
_INTRODUCTION = f"""\
<!-- made by python -m scripts.write_event_catalogue -->
# Events

Every kind of event of the [audit trail](audit.md), from its class;
[events.schema.json](events.schema.json) is its JSON Schema. `v` is the version of a type: it
changes when a field changes its meaning or goes, not when one is added. Outcome is the usual one:
an act may set another, and a reason. Severity, class and activity are those of
[OCSF](https://schema.ocsf.io) {OCSF_VERSION}; category and type those of
[ECS](https://www.elastic.co/docs/reference/ecs) {ECS_VERSION}.
`broker audit search --as ocsf` and `--as ecs` write events so.

Retention is the class of a type: unless [settings](settings.md#audit-trail) say otherwise,
`security` is kept {_MONTHS["security"]} months, `administration` {_MONTHS["administration"]},
`federation` {_MONTHS["federation"]} where a legal basis is named and as `security` elsewhere,
`trail` as long as the trail. [What happens then](audit.md#what-goes-and-when).

"""


def written() -> dict[Path, str]:
    """Return what both documents hold, by their place."""
    made = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    return {SCHEMA: made, CATALOGUE: _INTRODUCTION + "".join(_sections()) + _fields()}


def _sections() -> Iterator[str]:
    events = sorted(kinds().values(), key=lambda each: (_capability(each), each.type))
    header = (
        "| Type | v | Meaning | Outcome | Severity | Retention | Own fields | OCSF | ECS |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    for capability, members in groupby(events, _capability):
        yield f"## {capability}\n\n{header}{''.join(map(_row, members))}\n"


def _capability(event: type[Event]) -> str:
    return event.__module__.split(".")[1]


def _row(event: type[Event]) -> str:
    meaning = " ".join((event.__doc__ or "").split())
    own = ", ".join(f"`{name}`" for name in own_fields(event))
    mapped = event.activity.value
    ocsf = f"{mapped.ocsf.value}/{mapped.activity_id} {mapped.name}"
    ecs = f"{', '.join(mapped.category)}: {', '.join(mapped.type)}"
    told = f"{event.default_outcome} | {event.severity.name.lower()} | {event.retention}"
    return f"| `{event.type}` | {event.v} | {meaning} | {told} | {own} | {ocsf} | {ecs} |\n"


def _fields() -> str:
    header = (
        "## Fields\n\nA field means the same in every event. What OCSF has no place for is under"
        " its `unmapped`, what ECS has none for under `ameli`.\n\n"
        "| Field | Holds | Meaning | OCSF | ECS |\n|---|---|---|---|---|\n"
    )
    return header + "".join(
        f"| `{path}` | {' or '.join(sorted(types))} | {VOCABULARY[path].meaning} "
        f"| {VOCABULARY[path].ocsf or ''} | {VOCABULARY[path].ecs or ''} |\n"
        for path, types in types_by_path().items()
    )


if __name__ == "__main__":
    for place, text in written().items():
        place.write_text(text)

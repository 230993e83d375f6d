"""Write docs/export-samples: each kind of event in each form that leaves the service.

``python -m scripts.write_export_samples``; a test compares.
"""

import json
from datetime import datetime
from pathlib import Path

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.sealing.sealed import Sealed
from broker.base.sink_settings import Form
from broker.exports.folder import Told
from broker.exports.sinks import TOLD
from broker.exports.syslog_message import SyslogMessages
from scripts.event_samples import samples

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "export-samples"
_FIRST = 20_852_163  # position of the first sample in some trail
_HOST, _DOCUMENTATION = "compte-ameli.example", 32_473  # RFC 5612


def sealed_samples() -> list[Sealed]:
    """Return the samples as if a trail held them one after the other."""
    bodies = list(samples())
    return [
        Sealed(position, datetime.fromisoformat(json.loads(body)["time"]), body)
        for position, body in enumerate(bodies, _FIRST)
    ]


def written() -> dict[Path, str]:
    """Return what each file holds, by its place."""
    return {
        FOLDER / name: "".join(f"{told(each)}\n" for each in sealed_samples())
        for name, told in _forms().items()
    }


def _forms() -> dict[str, Told]:
    structured = SyslogMessages(_HOST, _DOCUMENTATION)
    with_cef = SyslogMessages(_HOST, _DOCUMENTATION, TOLD[Form.CEF])
    return {
        "ecs.jsonl": TOLD[Form.ECS],
        "ocsf.jsonl": TOLD[Form.OCSF],
        "syslog.log": lambda each: structured.message(each).decode(),
        "cef.log": lambda each: with_cef.message(each).decode(),
    }


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for place, text in written().items():
        place.write_text(text)


if __name__ == "__main__":
    main()

"""Write docs/export-samples: each kind of event in each form that leaves the service.

``python -m scripts.write_export_samples``; a test compares.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.ecs import ecs
from broker.audit.ocsf import ocsf
from scripts.event_samples import samples

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "export-samples"
_FIRST = 20_852_163  # position of the first sample in some trail
Form = Callable[[dict[str, Any], int], dict[str, Any]]
_FORMS: dict[str, Form] = {"ecs.jsonl": ecs, "ocsf.jsonl": ocsf}


def written() -> dict[Path, str]:
    """Return what each file holds, by its place."""
    bodies = [json.loads(body) for body in samples()]
    return {
        FOLDER / name: "".join(
            json.dumps(form(body, position), ensure_ascii=False) + "\n"
            for position, body in enumerate(bodies, _FIRST)
        )
        for name, form in _FORMS.items()
    }


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for place, text in written().items():
        place.write_text(text)


if __name__ == "__main__":
    main()

"""Write into docs/detection.md the rules that are shipped, after what people wrote.

``python -m scripts.write_detection_rules``; a test compares.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.catalogue import kinds
from broker.detection.model import Rule, Seen
from broker.detection.rules import Rules

_DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = _DOCS / "detection.md"
_MARK = "<!-- from here on made by python -m scripts.write_detection_rules -->\n"
_HEADER = "| Rule | Severity | Group | Finds | Window |\n|---|---|---|---|---|\n"


def written() -> str:
    """Return what the page holds."""
    rules = Rules.load(None, kinds()).by_name.values()
    table = _HEADER + "".join(map(_row, rules)) + "\n" + "".join(_said(rules))
    kept, mark, _ = PAGE.read_text(encoding="utf-8").partition(_MARK)
    return kept + mark + table


def _row(rule: Rule) -> str:
    cells = (f"`{rule.name}`", rule.severity, f"`{rule.by}`", _finds(rule), _duration(rule.within))
    return f"| {' | '.join(cells)} |\n"


def _finds(rule: Rule) -> str:
    if rule.events is None:
        return ", then ".join(map(_seen, rule.sequence))
    what = f"differing `{rule.counts}` in" if rule.counts else "of"
    found = f"{rule.threshold} {what} {_seen(rule.events)}"
    if rule.share:
        beside = ", ".join(f"`{each}`" for each in rule.share.beside)
        found += f", {rule.share.at_least:.0%} or more of these and {beside}"
    return found


def _seen(seen: Seen) -> str:
    found = " or ".join(f"`{each}`" for each in seen.types)
    if seen.outcome:
        found += f" ({seen.outcome})"
    if seen.reasons:
        found += f" for {' or '.join(f'`{each}`' for each in seen.reasons)}"
    return found + (f", the first with that `{seen.first}`" if seen.first else "")


def _duration(window: timedelta) -> str:
    minutes = int(window.total_seconds()) // 60
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _said(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield f"- `{rule.name}`: **{rule.title}.** {rule.meaning}\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")

"""Which rules the pinned axe runs on our pages, and on which criteria of RGAA 4 they bear."""

import re
from importlib.resources import files

_RULE = re.compile(r'\{id:"([a-z0-9-]+)"[^{}]*?tags:\[([^\]]*)\]')
_CRITERION = re.compile(r'"RGAA-(\d+\.\d+)\.\d+"')
_NOT_RUN = '"experimental"'  # axe leaves such a rule out unless it is named


def rules_by_criterion() -> dict[str, list[str]]:
    """Return the rules that our run of axe includes, by the criterion that they bear."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for rule, tags in _RULE.findall(source):
        if _NOT_RUN not in tags:
            for criterion in sorted(set(_CRITERION.findall(tags))):
                found.setdefault(criterion, []).append(rule)
    return found

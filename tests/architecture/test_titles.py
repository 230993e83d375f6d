"""A title names one page: people find it again among their tabs, and hear first where they are."""

import re
from collections import Counter

from tests.support.places import ROOT

TITLE = re.compile(r"\{% block title %\}(.+?)\{% endblock %\}")
REFUSAL = (
    "{{ refusal_title(refusal) }}"  # from the catalogue: it names the fact, wherever it is met
)


def pages() -> dict[str, str]:
    """Return the source of each page that stands in the frame of all."""
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "templates").rglob("[!_]*.html")
        if path.parent.name != "mail"
    }
    return {path: source for path, source in sources.items() if "{% extends" in source}


def test_every_page_has_a_title():
    assert [path for path, source in pages().items() if not TITLE.search(source)] == []


def test_no_two_pages_have_one_title():
    found = {path: TITLE.findall(source)[0] for path, source in pages().items()}
    counted = Counter(title for title in found.values() if title != REFUSAL)

    assert len(counted) > 50
    assert {path: title for path, title in found.items() if counted[title] > 1} == {}

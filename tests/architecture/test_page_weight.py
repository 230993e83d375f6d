"""Pages stay light and their own: what a browser loads for them, from where, and how much."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
STYLES = sorted(STATIC.rglob("*.css"))
SCRIPTS = sorted([*STATIC.rglob("*.js"), *TEMPLATES.rglob("*.js")])
LARGEST_STYLES, LARGEST_SCRIPTS = 40_000, 20_000  # bytes, all pages together, uncompressed
LONGEST_LINE = 160  # of a file that somebody wrote; a bundle has longer ones
LOADING = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed|video|audio|track|use)\b[^>]*?"
    r"\s(?:src|href|data|srcset|poster)=\"((?:\{\{.*?\}\}|[^\"])*)\"",
    re.DOTALL,
)
FROM_HERE = re.compile(r"data:,|\{\{ (?:static_url|url_for)\(")
A_FRAME_OF_A_PARTNER = '<iframe src="{{ address }}"'  # front-channel logout: no asset
ELSEWHERE = {
    ".css": re.compile(r"@import|url\(|image-set\("),
    ".js": re.compile(
        r"(?m)^\s*(?:import|export)\b|\bimport\(|\brequire\(|importScripts|https?:/"
    ),
    ".svg": re.compile(r"(?:href|src)=\"(?!#)|url\((?!#)|<script|<foreignObject"),
}


def total(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def test_all_style_sheets_together_stay_under_40_kb():
    assert 0 < total(STYLES) < LARGEST_STYLES


def test_all_scripts_together_stay_under_20_kb():
    assert 0 < total(SCRIPTS) < LARGEST_SCRIPTS


def test_every_address_that_a_page_loads_is_ours():
    loaded = [(page.name, address) for page in pages() for address in addresses(page)]

    assert loaded
    assert [found for found in loaded if not FROM_HERE.match(found[1])] == []


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_no_file_that_a_page_loads_asks_for_another(kind: str):
    files = sorted([*STATIC.rglob(f"*{kind}"), *TEMPLATES.rglob(f"*{kind}")])

    assert files
    assert [file.name for file in files if ELSEWHERE[kind].search(file.read_text())] == []


def test_styles_and_scripts_are_written_by_hand():
    files = [*STYLES, *SCRIPTS]

    bundled = [f.name for f in files if max(map(len, f.read_text().splitlines())) > LONGEST_LINE]

    assert bundled == []


def test_each_static_file_is_used_by_a_page():
    written = "\n".join(page.read_text() for page in TEMPLATES.rglob("*.*"))
    files = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()]

    assert [name for name in files if f'"{name}"' not in written] == []


def test_a_mail_loads_nothing():
    mails = sorted((TEMPLATES / "mail").glob("*.html"))

    assert mails
    assert [mail.name for mail in mails if list(addresses(mail))] == []
    assert [mail.name for mail in mails if ELSEWHERE[".css"].search(mail.read_text())] == []


def pages() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def addresses(page: Path) -> Iterator[str]:
    """Yield each address that a browser loads by itself for the template."""
    yield from LOADING.findall(page.read_text().replace(A_FRAME_OF_A_PARTNER, "<iframe"))

"""Every word that people read is in a French dictionary, or in the table of docs/writing.md."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from spellchecker import SpellChecker

from tests.architecture.test_words import name, quoted, rows
from tests.architecture.words import of_mail, of_page, texts
from tests.support.places import ROOT

# Read by partners' engineers, whose protocols have English names.
FOR_ENGINEERS = {"templates/messages/clients.toml", "templates/messages/api.toml"}
FILES = [
    path
    for path in sorted((ROOT / "templates").rglob("*"))
    if path.suffix in {".html", ".txt", ".toml"} and name(path) not in FOR_ENGINEERS
]
NO_WORDS = re.compile(
    r"""
      \S+@\S+ | \b[\w-]+(?:\.[\w-]+)+       # addresses
    | \{\w+\}                               # what a sentence of a catalogue is filled with
    | [\w-]+="[^"]*"? | \brequired\b        # attributes that macros write
    """,
    re.VERBOSE,
)
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['\u2019]?")


def test_every_word_is_french_or_has_its_reason():
    unknown = {word: file for word, file in every() if not french(word) and not allowed(word)}

    assert unknown == {}, "see Words that the dictionary lacks in docs/writing.md"


def test_each_listed_word_is_read_somewhere():
    read = {word.lower() for word, _ in every()}

    assert sorted(word for word in listed() if {word, f"{word}s"}.isdisjoint(read)) == []


@pytest.mark.parametrize(
    "word", ["Activez", "rendez-vous", "aujourd'", "Qu'", "d\u2019", "caisses"]
)
def test_a_french_word_is_known(word: str):
    assert french(word)


@pytest.mark.parametrize("word", ["password", "numero", "recevior", "Click", "sign-up", "mayb'"])
def test_a_foreign_or_misspelt_word_is_not(word: str):
    assert not french(word)


@cache
def dictionary() -> SpellChecker:
    return SpellChecker(language="fr")


def french(word: str) -> bool:
    """Tell whether the dictionary has the word, its parts, or what it was before it was elided."""
    whole = word.rstrip("'\u2019")
    if whole != word:
        return len(whole) < 3 or bool(dictionary().known([f"{whole}e", f"{whole}'hui"]))
    parts = [part for part in whole.split("-") if len(part) > 1]
    return bool(dictionary().known([whole])) or not dictionary().unknown(parts)


def allowed(word: str) -> bool:
    return not {word.lower(), word.lower().removesuffix("s")}.isdisjoint(listed())


@cache
def listed() -> set[str]:
    table = rows("Words that the dictionary lacks")
    return {word.lower() for words, _ in table for word in quoted(words)}


def every() -> Iterator[tuple[str, str]]:
    """Yield each word that people read, and where."""
    for file in FILES:
        for text in read(file):
            if not set(text.split()) <= names():
                for word in WORD.findall(NO_WORDS.sub(" ", text)):
                    if "-" not in word or word not in names():
                        yield word, name(file)


@cache
def names() -> set[str]:
    """Return what style sheets and scripts call parts of a page, in attributes of it."""
    static = ROOT / "static"
    styles = "".join(path.read_text(encoding="utf-8") for path in static.rglob("*.css"))
    scripts = "".join(path.read_text(encoding="utf-8") for path in static.rglob("*.js"))
    return {*re.findall(r"\.([a-z][a-z-]*)", styles), *re.findall(r'"([a-z-]+)"', scripts)}


def read(file: Path) -> list[str]:
    """Return the texts of a file, with a space where a branch or a part of a line ends."""
    source = file.read_text(encoding="utf-8")
    apart = source.replace("%}", "%} ").replace("</span>", "</span> ")
    if file.suffix == ".html":
        return of_page(apart)
    return of_mail(apart) if file.suffix == ".txt" else texts(file)

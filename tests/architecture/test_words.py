"""The French texts keep to docs/writing.md: its words, read from its tables, and its spaces."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.words import VALUE, of_mail, of_manifest, of_page, of_script, texts
from tests.support.places import ROOT

PAGE = ROOT / "docs/writing.md"
FILES = sorted(
    path
    for pattern in (
        "templates/**/*.html",
        "templates/**/*.txt",
        "templates/**/*.toml",
        "templates/**/*.js",
        "templates/mobile/manifest.json",
        "static/**/*.js",
        "demo/**/*.html",
        "demo/**/labels.toml",
    )
    for path in ROOT.glob(pattern)
)
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
UNITS = "secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|années?|euros?"
UNITS += "|caractères?|chiffres?|lettres?|pixels?|[KM]o"
WRONG_SPACES = re.compile(
    rf"""
      (?<![\u00a0\u202f]) (?: [;?!»%€] | : (?=\s|$) )
    | « (?![\u00a0\u202f])
    | \d [ ] \d
    | [\d{VALUE}] [ ] (?:{UNITS}|{MONTHS}) \b
    """,
    re.VERBOSE,
)


def test_the_spaces_that_french_wants_do_not_break():
    found = [(name(f), around(text, m)) for f, text in every() for m in broken(text)]

    assert found == [], "these want U+00A0: see Spaces in docs/writing.md"


def test_one_thing_has_one_word():
    assert [use for use in uses("One word per thing") if use[:2] not in exceptions()] == []


def test_no_text_speaks_like_a_machine():
    assert [use for use in uses("Words to do without") if use[:2] not in exceptions()] == []


def test_each_exception_is_still_needed():
    used = {use[:2] for use in [*uses("One word per thing"), *uses("Words to do without")]}

    assert sorted(exceptions() - used) == []


@pytest.mark.parametrize(
    "text",
    [
        "Par exemple : 63000",
        "Par exemple: 63000",
        "Vous partez ?",
        "Vous partez?",
        "Bienvenue !",
        "fermé ; rien",
        "« Valider\u00a0»",
        "«\u00a0Valider »",
        "50 %",
        "12 €",
        "au 36 46",
        "30 minutes",
        "21 jours.",
        f"{VALUE} minutes",
        "11 février",
    ],
)
def test_a_space_that_breaks_is_found(text: str):
    assert len(broken(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Par exemple\u00a0: 63000, à 14:05",
        "Vous partez\u202f? «\u00a0Oui\u00a0»\u00a0!",
        "50\u00a0%, 12\u00a0€, 30\u00a0minutes, le 11\u00a0février",
        "au 36\u00a046, sur 3 écrans, 2 anciens codes",
        "étape 1 sur 3",
    ],
)
def test_a_space_that_does_not_break_is_left_alone(text: str):
    assert broken(text) == []


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("{# a : b #}<p>Code de <strong>{{ n }}</strong> jours</p>", [f"Code de {VALUE} jours"]),
        ('{{ field(form, "nom", "Mon nom : ") }}', [VALUE, "Mon nom : "]),
        ('<a href="/?a" class="b c" title="Site !">Site</a>', ["Site", "Site !"]),
        (
            "<style>a { b: c; }</style><p>Un\n  deux</p><p>&eacute;t&eacute;</p>",
            ["Un deux", "été"],
        ),
        ("<script>a ? b : c</script><svg><text>1 62</text></svg>", []),
    ],
)
def test_a_page_is_read_as_people_read_it(source: str, read: list[str]):
    assert of_page(source) == read


def test_a_mail_in_plain_text_is_read_line_by_line():
    assert of_mail("Subject: Un code\n\nVoici {{ code }} :\n{% include 'a.txt' %}\n") == [
        "Un code",
        f"Voici {VALUE} :",
    ]


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('show("Votre mail : " + name); // no "mail : " here', ["Votre mail : "]),
        ("const word = `dans ${f(end)} minutes`; /* 'a b' */", [f"dans {VALUE} minutes"]),
        (r"say('C\'est fini !'); form.addEventListener('submit', go)", [r"C\'est fini !"]),
    ],
)
def test_a_script_is_read_for_the_sentences_it_could_show(source: str, read: list[str]):
    assert of_script(source) == read


def test_of_the_web_manifest_what_a_telephone_shows_is_read():
    source = '{"id": "/app", "name": "Mon mail", "start_url": {{ a }}, "description": "Oui !"}'

    assert of_manifest(source) == ["Mon mail", "Oui !"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Votre Mail", True),
        ("deux mails", True),
        ("un e-mail", False),
        ("un e-mail, prenom@mail.fr", False),
        ("mailing", False),
    ],
)
def test_a_word_is_found_whole_in_any_case(text: str, found: bool):
    assert bool(whole("mail").search(text)) == found


def broken(text: str) -> list[re.Match[str]]:
    return list(WRONG_SPACES.finditer(text))


@cache
def every() -> list[tuple[Path, str]]:
    return [(file, text) for file in FILES for text in texts(file)]


def uses(section: str) -> list[tuple[str, str, str]]:
    """Return the file, the word and what stands around it, for each word the section refuses."""
    refused = [word for row in rows(section) for cell in row for word in quoted(cell)]
    assert refused, f"{section}: no word is quoted"
    return [
        (name(file), word, around(text, match))
        for word in refused
        for pattern in [whole(word)]
        for file, text in every()
        for match in pattern.finditer(text)
    ]


def exceptions() -> set[tuple[str, str]]:
    return {
        (file, word)
        for where, words, _ in rows("Where another word stays")
        for file in quoted(where)
        for word in quoted(words)
    }


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table in that section of the page, without its head."""
    part = PAGE.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[2:]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def whole(word: str) -> re.Pattern[str]:
    spaced = re.escape(word).replace(r"\ ", r"\s")
    return re.compile(rf"(?<![\w@.-]){spaced}s?(?![\w@-])", re.IGNORECASE)


def around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 30) : match.end() + 20]


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()

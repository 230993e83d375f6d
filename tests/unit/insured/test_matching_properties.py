"""Noise of the listed kinds always matches; a changed discriminating field never does."""

import unicodedata
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from insured_builders import RULES, MemoryRegister, person

from broker.insured.birth_date import BirthDate
from broker.insured.model import Sex
from broker.insured.names import fold, given_names
from broker.insured.nir import Nir

SURNAMES = ["LE GALL", "D'ESTIENNE", "BÉRUBÉ", "SAINT-MARTIN", "VŒLTZEL", "N'DIAYE", "DE LA TOUR",
            "MARTIN", "VU", "ÇORLU", "MASSÉ-BERTIN"]  # fmt: skip
FORENAMES = ["Claire", "Jean-Pierre", "Émile", "Anne", "Zoé", "Loïc", "Marie-Thérèse", "Bérénice",
             "Ange", "Léa"]  # fmt: skip
COMMUNES = ["29019", "2A004", "75114", "97411", "01004"]
COUNTRIES = ["99139", "99208", "99341"]


@st.composite
def people(draw):
    """A person with a complete, certified identity and a NIR that agrees with it."""
    sex = draw(st.sampled_from(Sex))
    born = draw(st.dates(min_value=date(1920, 1, 1), max_value=date(2009, 1, 1)))
    abroad = draw(st.booleans())
    place = draw(st.sampled_from(COUNTRIES if abroad else COMMUNES))
    number = draw(st.integers(1, 999))
    first = "1" if sex is Sex.MALE else "2"
    return person(
        nir=Nir(f"{first}{born:%y%m}{place}{number:03}"),
        birth_name=draw(st.sampled_from(SURNAMES)),
        given_names=" ".join(draw(_names())).upper(),
        sex=sex,
        birth_date=BirthDate(born.year, born.month, born.day),
        birthplace=place,
        birthcountry=place if abroad else "99100",
    )


def _names():
    return st.lists(st.sampled_from(FORENAMES), min_size=1, max_size=4, unique=True)


def pivot_of(one):
    names = one.given_names.split()
    return {
        "family_name": one.birth_name,
        "given_name": " ".join(names),
        "given_name_array": names,
        "birthdate": str(one.birth_date),
        "idp_birthdate": str(one.birth_date),
        "gender": "male" if one.sex is Sex.MALE else "female",
        "birthplace": one.birthplace if one.birthcountry == "99100" else "",
        "birthcountry": one.birthcountry,
    }


def _unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


SPELLINGS = [
    str.upper,
    str.lower,
    str.title,
    _unaccented,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.replace("-", " "),
    lambda text: text.replace("-", "--"),
    lambda text: text.replace("'", "\u2019"),
    lambda text: text.replace("'", " "),
    lambda text: text.replace("'", ""),
    lambda text: text.replace("Œ", "OE").replace("œ", "oe"),
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: f" {text} ",
]


@given(people(), st.data())
def test_every_spelling_of_the_same_identity_matches(one, data):
    noisy = pivot_of(one)
    for change in data.draw(st.lists(st.sampled_from(SPELLINGS), max_size=3)):
        noisy["family_name"] = change(noisy["family_name"])
        noisy["given_name_array"] = [change(name) for name in noisy["given_name_array"]]
    if data.draw(st.booleans()):
        noisy["family_name"] = noisy["family_name"].replace(" ", "")
    noisy["given_name"] = " ".join(noisy["given_name_array"])

    assert MemoryRegister.of(one).match(noisy)[1] == one.nir.value


@given(people(), st.data())
def test_either_list_of_given_names_may_be_cut_at_a_name(one, data):
    full = pivot_of(one)
    names = one.given_names.split()
    kept = data.draw(st.integers(1, len(names)))
    if data.draw(st.booleans()):
        full |= {"given_name": " ".join(names[:kept]), "given_name_array": names[:kept]}
    else:
        one = replace(one, given_names=" ".join(names[:kept]))

    assert MemoryRegister.of(one).match(full)[1] == one.nir.value


@given(people(), st.sampled_from(sorted(RULES.places.heirs)), st.booleans(), st.data())
def test_a_recoded_place_matches_on_either_side(one, old, recoded, data):
    new = data.draw(st.sampled_from(sorted(RULES.places.heirs[old])))
    born = replace(one.birth_date, year=1926 + one.birth_date.year % 44)  # all was old then
    one = replace(one, nir=Nir(one.nir.value[:5] + old + one.nir.value[10:]), birth_date=born)
    then, now = (_place(code) for code in (old, new))
    filed, given_place = (now, then) if recoded else (then, now)
    one = replace(one, birthplace=filed[0], birthcountry=filed[1])
    noisy = pivot_of(one) | {
        "birthplace": given_place[0] if not given_place[0].startswith("99") else "",
        "birthcountry": given_place[1],
    }

    assert MemoryRegister.of(one).match(noisy)[1] == one.nir.value


def _place(code):
    if code.startswith("99"):
        return code, code
    for country in ("99350", "99351", "99352"):
        if RULES.places.came_from(country, code):
            return code, country
    return code, "99100"


@given(people(), st.booleans())
def test_unknown_days_and_months_match_as_the_identity_provider_stated_them(one, day_only):
    known = BirthDate(one.birth_date.year, one.birth_date.month if day_only else 0, 0)
    month = f"{known.month:02}" if day_only else "20"
    one = replace(one, birth_date=known, nir=Nir(one.nir.value[:3] + month + one.nir.value[5:]))
    stated = pivot_of(one) | {"birthdate": str(known.presumed), "idp_birthdate": str(known)}
    unstated = {name: value for name, value in stated.items() if name != "idp_birthdate"}

    assert MemoryRegister.of(one).match(stated)[1] == one.nir.value
    assert MemoryRegister.of(one).match(unstated)[1] == one.nir.value


@st.composite
def discriminating_changes(draw):
    """A person, and their pivot identity with one field that makes it somebody else's."""
    one = draw(people())
    changed = pivot_of(one)
    field = draw(
        st.sampled_from(["family_name", "first", "second", "birthdate", "gender", "place"])
    )
    if field == "family_name":
        other = draw(st.sampled_from(SURNAMES))
        changed["family_name"] = other if fold(other) != fold(one.birth_name) else "LE GALLE"
    elif field == "first":
        rest = one.given_names.split()[1:]
        other = draw(st.sampled_from([name for name in FORENAMES if _differs(name, one)]))
        changed["given_name_array"] = [other, *rest]
    elif field == "second":
        names = one.given_names.split()
        known = names[1] if len(names) > 1 else None
        one = one if known else replace(one, given_names=f"{names[0]} MARGUERITE")
        changed["given_name_array"] = [names[0], "Gudule"]
    elif field == "birthdate":
        changed |= dict.fromkeys(("birthdate", "idp_birthdate"), draw(_other_date(one)))
    elif field == "gender":
        changed["gender"] = "female" if one.sex is Sex.MALE else "male"
    else:
        changed |= draw(_other_place(one))
    changed["given_name"] = " ".join(changed["given_name_array"])
    return one, changed


def _differs(name, one):
    first = given_names(one.given_names)[0]
    return not (fold(name).startswith(first) or first.startswith(fold(name)))


def _other_date(one):
    born = one.birth_date
    choices = [
        f"{born.year + 100:04}-{born.month:02}-{born.day:02}",
        f"{born.year + 1:04}-{born.month:02}-{min(born.day, 28):02}",
        f"{born.year:04}-{born.month % 12 + 1:02}-{min(born.day, 28):02}",
        f"{born.year:04}-{born.month:02}-{born.day % 28 + 1:02}",
    ]
    if born.day <= 12 and born.day != born.month:
        choices.append(f"{born.year:04}-{born.day:02}-{born.month:02}")
    return st.sampled_from([choice for choice in choices if choice != str(date)])


def _other_place(one):
    here = RULES.places.of_birth(one.birthplace, one.birthcountry)
    elsewhere = [{"birthplace": code, "birthcountry": "99100"} for code in COMMUNES]
    elsewhere += [{"birthplace": "", "birthcountry": code} for code in COUNTRIES]
    return st.sampled_from(
        [
            place
            for place in elsewhere
            if not RULES.places.link(here, place["birthplace"] or place["birthcountry"])
        ]
    )


@given(discriminating_changes())
def test_a_changed_discriminating_field_never_matches(case):
    one, changed = case

    assert MemoryRegister.of(one).match(changed)[1] == ""


@given(people(), people())
def test_of_two_people_the_right_one_or_none_is_found(one, other):
    found = MemoryRegister.of(one, other).match(pivot_of(one))[1]

    assert found in {one.nir.value, ""}


@given(
    st.dictionaries(
        st.sampled_from([*pivot_of(person()), "preferred_username", "email"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20)
        | st.lists(st.text(max_size=8), max_size=3),
    )
)  # fmt: skip
def test_whatever_arrives_is_decided_without_an_exception(changes):
    decision, nir = MemoryRegister.of(person()).match(pivot_of(person()) | changes)

    assert nir in {"", person().nir.value}
    assert decision.record["outcome"] == str(decision.outcome)

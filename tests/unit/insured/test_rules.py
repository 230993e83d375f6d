"""The rules as data, their versions, and the tables they are used with."""

import pytest
from insured_builders import BOOK, RULES, MemoryRegister, claims, person

from broker.base.errors import ServiceNotReady
from broker.insured.nir import Nir
from broker.insured.reference_tables import (
    REFERENCE,
    TableAltered,
    provenances,
    rows,
    table_versions,
)
from broker.insured.rules import MatchingRules, Rulebook, RulesUnknown, UnsafeRules
from broker.insured.tolerances import Criterion, Tolerance

STRICT = """
version = "2027-01"
reason = "as written"
limits = { birth_name = 0, given_names = 0 }
[accepts]
own_right = []
birth_name = []
given_names = []
sex = []
birth_date = []
birthplace = []
"""


def parsed(text):
    return MatchingRules.parse(text, RULES.places)


def test_each_file_holds_the_version_of_its_name_and_says_why():
    for file in (REFERENCE / "rules").iterdir():
        rules = parsed(file.read_text())
        assert file.name == f"{rules.version}.toml"
        assert rules.reason


def test_the_newest_version_is_in_force_unless_another_is_chosen():
    assert BOOK.in_force.version == max(BOOK.versions)
    assert Rulebook.load("2026-07").in_force.version == "2026-07"
    assert Rulebook.load("2026-07").version(None).version == "2026-07"
    assert Rulebook.load("2026-07").version("2026-12").version == "2026-12"


def test_an_unknown_version_is_refused():
    with pytest.raises(ServiceNotReady, match="matching_rules must be one of 2026-07, 2026-12"):
        Rulebook.load("2025-01")
    with pytest.raises(RulesUnknown):
        BOOK.version("2025-01")


def test_other_rules_decide_otherwise():
    known = person(birthplace="2A127", nir=Nir("2850720127001"))

    decision, _ = MemoryRegister.of(known, rules=parsed(STRICT)).match(claims(birthplace="20127"))

    assert (str(decision.outcome), decision.record["rules"]) == ("none", "2027-01")


@pytest.mark.parametrize(
    "flaw",
    [
        ("sex = []\n", ""),
        ("birth_name = 0", "birth_name = 23"),
        ('"2027-01"', '"next"'),
    ],
)
def test_rules_by_which_rows_could_agree_and_not_be_found_are_unsafe(flaw):
    with pytest.raises(UnsafeRules):
        parsed(STRICT.replace(*flaw, 1))


def test_a_limit_of_twice_the_letters_that_rows_are_found_by_is_safe():
    assert parsed(STRICT.replace("birth_name = 0", "birth_name = 24", 1)).limits.birth_name == 24


def test_a_word_that_is_no_tolerance_is_refused():
    with pytest.raises(ValueError, match="approximately"):
        parsed(STRICT.replace("birth_name = []", 'birth_name = ["approximately"]'))


def test_the_first_rules_accept_whatever_can_be_found():
    accepted = BOOK.version("2026-07").accepts.values()

    assert set().union(*accepted) == set(Tolerance)
    assert set(BOOK.version("2026-07").accepts) == set(Criterion)


def test_each_table_is_the_one_whose_origin_is_declared():
    for name, origin in provenances().items():
        assert list(rows(name))
        assert origin.edition <= origin.imported_on


def test_a_decision_names_edition_and_digest_of_the_tables_that_decide():
    assert set(table_versions()) == {"cog_history", "country_history"}
    assert table_versions()["cog_history"].startswith("2026-01-01 ")


def test_an_altered_table_is_refused(tmp_path):
    (tmp_path / "cog_history.csv").write_text("old_code,new_code,kind\n01003,75056,fusion\n")

    with pytest.raises(TableAltered):
        list(rows("cog_history", tmp_path))

"""What a decision leaves: verdicts, what was set aside, versions; never a value of the person."""

import json

import pytest
from insured_builders import BOOK, RULES, MemoryRegister, claims, person

from broker.insured.birth_date import BirthDate
from broker.insured.criteria import COMPARISON
from broker.insured.matching import MOST_CANDIDATES
from broker.insured.nir import Nir

OLD = BOOK.version("2026-07")


def criteria(pivot, known):
    decision, _ = MemoryRegister.of(known).match(pivot)
    return decision.record["candidates"][0]["criteria"]


def test_the_record_tells_how_each_criterion_agreed_and_no_value():
    pivot = claims(family_name="Le-Gall", birthplace="20127", given_name="Claire")
    known = person(birthplace="2A127", nir=Nir("2850720127001"))

    decision, _ = MemoryRegister.of(known).match(pivot)

    assert decision.record == {
        "kind": "franceconnect",
        "rules": RULES.version,
        "tables": dict(RULES.tables),
        "comparison": COMPARISON,
        "outcome": "matched",
        "pivot": {"date": "certain", "given_names": 1},
        "considered": 1,
        "candidates": [
            {
                "person": 1,
                "certified": True,
                "nir_status": "definitive",
                "criteria": {
                    "own_right": {"agrees": True},
                    "birth_name": {"agrees": True, "set_aside": ["separators", "case"]},
                    "given_names": {"agrees": True, "set_aside": ["shorter_list", "case"]},
                    "sex": {"agrees": True},
                    "birth_date": {"agrees": True},
                    "birthplace": {"agrees": True, "set_aside": ["corse"]},
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("pivot", "filed", "criterion", "set_aside"),
    [
        ({"family_name": "le gall"}, {}, "birth_name", ["case"]),
        ({"family_name": "LÉ GALL"}, {}, "birth_name", ["accents"]),
        ({"family_name": "LEGALL"}, {}, "birth_name", ["separators"]),
        ({"family_name": "LE\u00a0GALL"}, {}, "birth_name", ["form"]),
        ({"family_name": "LE GALLE\u0301"}, {"birth_name": "LE GALLÉ"}, "birth_name", ["form"]),
        ({"given_name": "Claire, Marie"}, {}, "given_names", ["separators", "case"]),
        ({"given_name": "CLAIRE"}, {}, "given_names", ["shorter_list"]),
        (
            {"given_name": "MARIE-BERNADETTINE"},
            {"given_names": "MARIE-BERNADETT"},
            "given_names",
            ["cut"],
        ),
        ({"birthplace": "9122"}, {"birthplace": "09122"}, "birthplace", ["leading_zero"]),
        (
            {"birthdate": "1985-01-01", "idp_birthdate": None},
            {"birth_date": BirthDate(1985, 1, 0)},
            "birth_date",
            ["unstated"],
        ),
        (
            {"birthdate": "1985-01-01", "idp_birthdate": "1985-00-00"},
            {"birth_date": BirthDate(1985, 1, 1), "nir": Nir("2852029019001")},
            "birth_date",
            ["presumed"],
        ),
    ],
)
def test_the_record_tells_what_was_set_aside(pivot, filed, criterion, set_aside):
    found = criteria(claims(**pivot), person(**filed))

    assert found[criterion] == {"agrees": True, "set_aside": set_aside}


def test_what_the_rules_do_not_accept_is_told_beside_the_verdict():
    neighbour = claims(birthplace="01018")

    found = criteria(neighbour, person(birthplace="01033", nir=Nir("2850701033001")))

    assert found["birthplace"] == {"agrees": False, "set_aside": ["fusion", "neighbour"]}


def test_the_record_describes_twenty_candidates_at_most_the_nearest_first():
    crowd = [person(given_names="CAMILLE", nir=Nir(f"28507290190{i:02}")) for i in range(30)]

    record = MemoryRegister.of(*crowd, person()).match(claims())[0].record

    assert (record["considered"], len(record["candidates"])) == (31, 20)
    assert all(verdict["agrees"] for verdict in record["candidates"][0]["criteria"].values())


def test_rows_of_one_number_are_told_to_be_one_person():
    before, after = person(given_names="CLAIRE"), person(given_names="CLAIRE MARIE")

    record = MemoryRegister.of(before, after).match(claims())[0].record

    assert [candidate["person"] for candidate in record["candidates"]] == [1, 1]


def crowd_of(number):
    return [
        person(
            given_names=f"C{''.join(chr(65 + int(d)) for d in str(i))}", nir=Nir(f"28507{i:08}")
        )
        for i in range(number)
    ]


def test_a_crowd_under_one_key_is_compared_up_to_a_thousand_and_refused_beyond():
    crowd = crowd_of(MOST_CANDIDATES)

    compared, _ = MemoryRegister.of(*crowd[1:], person()).match(claims())
    crowded, _ = MemoryRegister.of(*crowd, person()).match(claims())

    assert (str(compared.outcome), str(crowded.outcome)) == ("matched", "several")
    assert crowded.record["crowded"] is True


def test_no_value_of_anybody_is_in_a_record():
    known = person(birthplace="2A127", nir=Nir("2850720127001"))

    told = json.dumps(MemoryRegister.of(known).match(claims(birthplace="20127"))[0].record)

    values = ("GALL", "Gall", "CLAIRE", "Claire", "1985", "2A127", "20127", known.nir.value)
    assert [value for value in values if value in told] == []


@pytest.mark.parametrize(
    ("pivot", "filed"),
    [
        ({"family_name": "LE G\u0410LL"}, {}),
        ({"family_name": "LE G?LL"}, {"birth_name": "LE GLL"}),
        ({"family_name": "LE GALL/"}, {}),
        ({"birthplace": "01018"}, {"birthplace": "01033", "nir": Nir("2850701033001")}),
        (
            {"birthdate": "1985-01-01"},
            {"birth_date": BirthDate(1985, 1, 1), "nir": Nir("2852029019001")},
        ),
        (
            {"birthplace": "", "birthcountry": "99213"},
            {"birthplace": "99246", "birthcountry": "99246", "nir": Nir("2850799246001")},
        ),
    ],
)
def test_the_first_rules_accepted_what_the_next_ones_refuse(pivot, filed):
    known = person(**filed)

    before, _ = MemoryRegister.of(known, rules=OLD).match(claims(**pivot))
    after, _ = MemoryRegister.of(known).match(claims(**pivot))

    assert (str(before.outcome), str(after.outcome)) == ("matched", "none")
    assert (before.record["rules"], after.record["rules"]) == ("2026-07", "2026-12")

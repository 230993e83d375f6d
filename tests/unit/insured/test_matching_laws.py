"""Laws of matching that hold for every register: order, rivals, repetition, keys, versions."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from insured_builders import BOOK, RULES, MemoryRegister
from test_matching_properties import people, pivot_of

from broker.insured.matching import decide, lookup_keys, record_key
from broker.insured.model import Quality, Sex
from broker.insured.nir import Nir
from broker.insured.pivot import PivotIdentity

OLD = BOOK.version("2026-07")
# One step away from somebody: themselves otherwise written, kin, neighbours, other numbers.
STEPS = {
    "lower case": lambda one: replace(one, birth_name=one.birth_name.lower()),
    "joined": lambda one: replace(one, birth_name=one.birth_name.replace(" ", "")),
    "cut": lambda one: replace(one, birth_name=one.birth_name[:25]),
    "longer": lambda one: replace(one, birth_name=f"{one.birth_name} DE LA ROCHEFOUCAULD"),
    "married": lambda one: replace(one, usage_name="DURAND"),
    "first name": lambda one: replace(one, given_names=one.given_names.split()[0]),
    "more names": lambda one: replace(one, given_names=f"{one.given_names} GUDULE"),
    "hyphen": lambda one: replace(one, given_names=one.given_names.replace("-", " ")),
    "other sex": lambda one: replace(one, sex=Sex.MALE if one.sex is Sex.FEMALE else Sex.FEMALE),
    "no day": lambda one: replace(one, birth_date=replace(one.birth_date, day=0)),
    "no month": lambda one: replace(one, birth_date=replace(one.birth_date, month=0, day=0)),
    "first of January": lambda one: replace(
        one, birth_date=replace(one.birth_date, month=1, day=1)
    ),
    "city": lambda one: replace(one, birthplace="75056", birthcountry="99100"),
    "arrondissement": lambda one: replace(one, birthplace="75115", birthcountry="99100"),
    "uncertified": lambda one: replace(one, certified=False),
    "dependant": lambda one: replace(one, quality=Quality.AYANT_DROIT),
    "other number": lambda one: replace(one, nir=Nir(f"{one.nir.value[:10]}998")),
    "waiting number": lambda one: replace(one, nir=Nir(f"7{one.nir.value[1:]}")),
    "number without month": lambda one: replace(
        one, nir=Nir(f"{one.nir.value[:3]}20{one.nir.value[5:]}")
    ),
}


@st.composite
def kin(draw, one):
    """Somebody a few steps away from *one*."""
    for step in draw(st.lists(st.sampled_from(sorted(STEPS)), max_size=3)):
        one = STEPS[step](one)
    return one


@st.composite
def registers(draw):
    """A person, others near them, and an identity near them too."""
    one = draw(people())
    rows = draw(st.lists(kin(one), max_size=5))
    claims = pivot_of(draw(kin(one)))
    if draw(st.booleans()):
        claims.pop("idp_birthdate")
    return rows, claims


def found(rows, claims, rules=RULES):
    return MemoryRegister.of(*rows, rules=rules).match(claims)[1]


@given(registers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(case, chance):
    rows, claims = case
    shuffled = chance.sample(rows, len(rows))

    assert found(shuffled, claims) == found(rows, claims)


@given(registers())
def test_a_row_loaded_twice_decides_nothing(case):
    rows, claims = case

    assert found([*rows, *rows], claims) == found(rows, claims)


@given(registers())
def test_case_decides_nothing(case):
    rows, claims = case
    names = ("family_name", "given_name")
    upper = claims | {name: claims[name].upper() for name in names}
    lower = claims | {name: claims[name].lower() for name in names}

    assert found(rows, upper) == found(rows, lower)


@given(registers(), people())
def test_a_stranger_decides_nothing(case, stranger):
    rows, claims = case
    stranger = replace(stranger, birth_name=f"ZZ{stranger.birth_name}")

    assert found([*rows, stranger], claims) == found(rows, claims)


@given(registers(), st.data())
def test_a_further_row_can_only_refuse_unless_it_is_the_one_alone(case, data):
    rows, claims = case
    further = data.draw(kin(data.draw(people()) if not rows else rows[0]))
    before, after = found(rows, claims), found([*rows, further], claims)

    assert after in {before, ""} or (
        before == "" and after == further.nir.value == found([further], claims)
    )


@given(registers())
def test_whoever_is_matched_agrees_and_nobody_of_another_number_does(case):
    rows, claims = case
    nir = found(rows, claims)
    agreeing = {row.nir.value for row in rows if found([replace(row, certified=True)], claims)}

    assert agreeing == {nir} if nir else True
    assert nir == "" if len(agreeing) != 1 else True


@given(registers())
def test_whoever_agrees_is_under_a_key_of_the_identity(case):
    rows, claims = case
    pivot = PivotIdentity.read(claims, RULES.places)
    keys = lookup_keys(pivot)

    for rules in (OLD, RULES):
        agreeing = [row for row in rows if str(decide(pivot, [row], rules).outcome) != "none"]
        assert all(record_key(row) in keys for row in agreeing)


@given(registers())
def test_whom_the_newer_rules_find_alone_the_older_ones_find_too(case):
    rows, claims = case

    for row in rows:
        assert found([row], claims) in {"", found([row], claims, OLD)}

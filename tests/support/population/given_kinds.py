"""Given names."""

import unicodedata

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import COMPOUND_GIVEN, GIVEN, LONG_GIVEN, Draw, Person, plain

LIMIT = 15


def _several(draw: Draw, least: int = 3) -> Person:
    return draw.person(given=tuple(draw.sample(GIVEN, draw.randint(least, 4))))


def _compound(draw: Draw) -> Person:
    return draw.person(given=(draw.choice(COMPOUND_GIVEN), *draw.sample(GIVEN, 2)))


@matches
def register_has_the_first_ones(draw: Draw) -> Told:
    one = _several(draw)
    kept = one.given[: draw.randint(1, len(one.given) - 1)]
    return [one.row(given_names=plain(" ".join(kept)))], one.claims()


@matches
def identity_has_the_first_ones(draw: Draw) -> Told:
    one = _several(draw)
    return [one.row()], one.named(list(one.given[: draw.randint(1, len(one.given) - 1)]))


@matches
def compound_otherwise_separated(draw: Draw) -> Told:
    one = _compound(draw)
    other = draw.choice([" ", "", "--", " - ", "\u2011"])
    filed, given = draw.sample((one.given[0], one.given[0].replace("-", other)), 2)
    names = [given, *one.given[1:]]
    return [one.row(given_names=plain(" ".join([filed, *one.given[1:]])))], one.named(names)


@matches
def compound_alone_in_the_register(draw: Draw) -> Told:
    one = _compound(draw)
    filed = one.given[0].replace("-", draw.choice(["-", " ", ""]))
    names = [one.given[0].replace("-", draw.choice(["-", " "])), *one.given[1:]]
    return [one.row(given_names=plain(filed))], one.named(names)


@matches
def compound_of_which_only_the_array_knows(draw: Draw) -> Told:
    one = _compound(draw)
    spaced = one.given[0].replace("-", " ")
    return [one.row()], one.named([spaced, *one.given[1:]])


@matches
def separated_by_commas(draw: Draw) -> Told:
    one = _several(draw)
    text = draw.choice([", ", ",", " , "]).join(one.given)
    return spelled(one, given_name=text, given_name_array=draw.choice([None, list(one.given)]))


@matches
def separated_by_commas_in_the_register(draw: Draw) -> Told:
    one = _several(draw)
    return [one.row(given_names=plain(", ".join(one.given)))], one.claims()


@matches
def text_alone(draw: Draw) -> Told:
    return spelled(_several(draw), given_name_array=None)


@matches
def array_alone(draw: Draw) -> Told:
    return spelled(_compound(draw), given_name=None)


@matches
def array_of_no_use(draw: Draw) -> Told:
    odd = draw.choice(["Claire", 7, {"a": 1}, [1], [None], [], True, [["Claire"]]])
    return spelled(_several(draw), given_name_array=odd)


@matches
def decomposed_given_names(draw: Draw) -> Told:
    one = draw.person(given=("Élodie", "Noël"))
    return [one.row()], one.named([unicodedata.normalize("NFD", name) for name in one.given])


@refuses
def swapped(draw: Draw) -> Told:
    one = _several(draw, 2)
    return [one.row()], one.named([one.given[1], one.given[0], *one.given[2:]])


@refuses
def usual_second_name(draw: Draw) -> Told:
    one = _several(draw)
    return [one.row()], one.named(list(one.given[1:]))


@refuses
def another_second_name(draw: Draw) -> Told:
    one = draw.person(given=tuple(draw.sample(GIVEN, 3)))
    return [one.row()], one.named([one.given[0], "Gudule", *one.given[2:]])


@refuses
def another_last_name(draw: Draw) -> Told:
    one = _several(draw)
    return [one.row()], one.named([*one.given[:-1], "Gudule"])


@refuses
def longer_after_another_name(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Marie", "Louise"))
    return [one.row(given_names="CLAIRE ANNE")], one.claims()


@refuses
def simple_for_a_compound(draw: Draw) -> Told:
    one = _compound(draw)
    first = one.given[0].split("-")[0]
    hyphen = draw.choice(["-", " - ", "- ", "\u2011", "--", " \u2013 "])
    one = one.but(given=(one.given[0].replace("-", hyphen), *one.given[1:]))
    if draw.random() < 0.5:
        return [one.row()], one.named([first])
    return [one.row(given_names=plain(first))], one.claims(given_name_array=None)


@refuses
def simple_for_a_compound_that_the_array_knows(draw: Draw) -> Told:
    one = _compound(draw)
    names = [one.given[0].replace("-", " "), *one.given[1:]]
    return [one.row(given_names=plain(names[0].split()[0]))], one.named(names)


@refuses
def simple_for_a_compound_that_the_text_knows(draw: Draw) -> Told:
    one = _compound(draw)
    first = one.given[0].split("-")
    claims = one.claims(given_name_array=[*first, *one.given[1:]])
    return [one.row(given_names=plain(first[0]))], claims


@refuses
def beginning_of_a_name(draw: Draw) -> Told:
    long, short = draw.choice(
        [("Jeanne", "Jean"), ("Claire", "Clair"), ("Li", "L"), ("Annette", "Anne")]
    )
    filed, given = draw.sample((long, short), 2)
    one = draw.person(given=(given, "Noël"))
    return [one.row(given_names=plain(f"{filed} NOEL"))], one.claims()


@refuses
def text_and_array_contradict(draw: Draw) -> Told:
    one = _several(draw)
    return spelled(one, given_name_array=[*one.given[:-1], "Gudule"])


@refuses
def no_given_name(draw: Draw) -> Told:
    one = draw.person(given=("Claire",))
    absent = draw.choice(
        ["", " ", "X", "XX", "xxx", "Sans prénom", "SP", "Inconnu", "-", "?", "7", None]
    )
    row = one.row(given_names=draw.choice(["", "X", "SANS PRENOM", "CLAIRE"]))
    return [row], one.claims(given_name=absent, given_name_array=[absent] if absent else None)


@refuses
def no_given_name_in_the_register(draw: Draw) -> Told:
    one = draw.person(given=("Sans", "Claire"))
    return [
        one.row(given_names=draw.choice(["", "X", "SANS PRENOM", "SANSPRENOM", "-"]))
    ], one.claims()


def _long(draw: Draw) -> Person:
    return draw.person(given=(draw.choice(LONG_GIVEN), draw.choice(GIVEN)))


@matches
def given_names_cut_by_the_register(draw: Draw) -> Told:
    one = _long(draw)
    return [one.row(given_names=plain(" ".join(one.given))[:LIMIT])], one.claims()


@matches
def given_names_cut_in_the_identity(draw: Draw) -> Told:
    one = _long(draw)
    return [one.row()], one.named([one.given[0][:LIMIT]])


@refuses
def given_names_cut_elsewhere(draw: Draw) -> Told:
    one = _long(draw)
    length = draw.choice([13, 14, 16])
    if draw.random() < 0.5:
        return [one.row(given_names=plain(one.given[0])[:length])], one.claims()
    return [one.row()], one.named([one.given[0][:length]])


@refuses
def given_names_cut_but_others(draw: Draw) -> Told:
    one = draw.person(given=("Marie-Bernadettine",))
    return [one.row()], one.named(["Marie-Bernadotte"[:LIMIT]])

"""People who are easily taken for one another, and one person written in several ways at once."""

import unicodedata

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import Draw, plain

FRANCE = "99100"


@matches
def everything_lawful_at_once(draw: Draw) -> Told:
    """Joined, decomposed, shortened, comma-separated, recoded, presumed, married."""
    one = draw.person(
        birth_name=f"DE L'ÉTANG-NOËL{draw.ending()}", given=("Jean-Pierre", "Élodie", "Noël"),
        birth=(draw.randint(1930, 1960), 0, 0), place="20127", usage_name="DURAND", country=FRANCE,
    )  # fmt: skip
    names = [unicodedata.normalize("NFD", one.given[0].replace("-", " ")), one.given[1]]
    row = one.row(birth_name=plain(one.birth_name).replace("'", "").replace(" ", "\u00a0"))
    return [row], one.claims(
        family_name=unicodedata.normalize("NFD", one.birth_name.lower()),
        given_name=" , ".join(names), given_name_array=names,
        birthplace="2A127", preferred_username="DURAND", idp_birthdate=None,
    )  # fmt: skip


@matches
def letters_and_marks_of_other_languages(draw: Draw) -> Told:
    ours, theirs = draw.choice([
        ("ĲSSEL", "IJSSEL"), ("GAL·LÀ", "GALLA"), ("KAʻAHU", "KAAHU"), ("ÞÓRIR", "THORIR"),
        ("GÜNEŞ", "GUNES"), ("IĞDIR", "IGDIR"), ("BÙI", "BUI"), ("ŞIMŞEK", "SIMSEK"),
        ("O’NEILL", "O NEILL"), ("D’ D’AMICO", "DDAMICO"), ("ÅKERSTRÖM", "AKERSTROM"),
    ])  # fmt: skip
    end = draw.ending()
    one = draw.person(birth_name=ours + end)
    return [one.row(birth_name=theirs + end)], one.claims()


@refuses
def letters_that_some_write_as_two(draw: Draw) -> Told:
    """Row 16: MÖLLER and MOELLER may be one name or two; the desk sees the papers."""
    ours, theirs = draw.choice([
        ("MÖLLER", "MOELLER"), ("GRÜN", "GRUEN"), ("ÅGREN", "AAGREN"), ("JÄGER", "JAEGER"),
        ("MOHAMED", "MUHAMMAD"), ("TCHAÏKOV", "CHAIKOV"), ("YUSUF", "YOUSSOUF"), ("LY", "LI"),
    ])  # fmt: skip
    filed, given = draw.sample((ours, theirs), 2)
    end = draw.ending()
    return [draw.person(birth_name=filed + end).row()], draw.person(
        birth_name=given + end
    ).claims()


@refuses
def a_part_of_a_double_name(draw: Draw) -> Told:
    whole = f"DUPONT{draw.ending()}-MOREL{draw.ending()}"
    first, second = whole.split("-")
    part = draw.choice([
        first, second, f"{second}-{first}", f"{first} ÉPOUSE {second}", f"{whole}-{first}",
        f"{first} ({second})", f"{first}/{second}",
    ])  # fmt: skip
    filed, given = draw.sample((whole, part), 2)
    one = draw.person(birth_name=given)
    return [one.row(birth_name=plain(filed))], one.claims()


@refuses
def a_particle_more_or_less(draw: Draw) -> Told:
    name = f"TOUR{draw.ending()}"
    filed, given = draw.sample((name, f"LA {name}", f"DE LA {name}", f"D'{name}", f"EL {name}"), 2)
    one = draw.person(birth_name=given)
    return [one.row(birth_name=filed)], one.claims()


@refuses
def twins_of_whom_the_wrong_one_is_insured(draw: Draw) -> Told:
    filed, given = draw.choice([
        ("Jean", "Jean-Pierre"), ("Anne-Marie", "Anne"), ("Marie Claire", "Marie Anne"),
        ("Lou", "Louis"), ("Emma", "Emmanuelle"), ("Ali", "Aly"), ("Noël", "Noëlle"),
        ("Marie", "Marie-Lou Anne"), ("Jean Paul Luc", "Jean Luc Paul"),
    ])  # fmt: skip
    one = draw.person(given=tuple(given.split()))
    return [one.row(given_names=plain(filed))], one.claims()


@refuses
def homonyms_whose_names_differ_by_a_separator(draw: Draw) -> Told:
    one = draw.person(birth_name=f"LE GALL{draw.ending()}", given=("Anne-Marie",))
    other = one.but(order=one.order + 1, given=("Anne", "Marie"))
    third = one.but(order=one.order + 2, birth_name=one.birth_name.replace(" ", ""))
    return [one.row(), draw.choice((other, third)).row()], one.claims()


@refuses
def homonyms_of_whom_one_list_is_shorter(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Inès", "Zoé"))
    other = one.but(order=one.order + 1, given=one.given[: draw.randint(1, 2)])
    return [one.row(), other.row()], one.named(list(one.given[: draw.randint(1, 3)]))


@refuses
def one_person_under_two_numbers(draw: Draw) -> Told:
    one = draw.person()
    further = one.row(
        nir=draw.choice(["7", "8", "3", "1"]) + one.nir[1:10] + "999",
        nir_status=draw.choice(["waiting", "provisional", "definitive"]),
        identity_certified=draw.choice("01"),
    )
    return draw.sample([one.row(), further], 2), one.claims()


@matches
def one_number_loaded_again_with_more_names(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Inès"))
    return [one.row(), one.row(given_names="CLAIRE")], one.claims()


@refuses
def parent_and_child_of_one_name(draw: Draw) -> Told:
    one = draw.person(birth=(1935, 3, 14), given=("Jean", "Noël"))
    return spelled(one, birthdate="1965-03-14", idp_birthdate=draw.choice(["1965-03-14", None]))


@refuses
def unknown_parts_against_other_unknown_parts(draw: Draw) -> Told:
    """An unknown day is not an unknown month, nor the first of another month."""
    year = draw.randint(1930, 1990)
    filed, given = draw.sample(
        [(year, 0, 0), (year, 6, 0), (year, 7, 0), (year + 1, 0, 0), (year + 1, 6, 0)], 2
    )
    one = draw.person(birth=filed, place="99330", country="99330")
    other = one.but(birth=given)
    return [one.row()], one.claims(
        birthdate=other.presumed, idp_birthdate=draw.choice([other.born, None])
    )


@refuses
def a_country_before_and_after_that_never_was_one(draw: Draw) -> Told:
    filed, given = draw.sample(["99350", "99351", "99352", "99301", "99335", "99345"], 2)
    one = draw.person(place=filed, country=filed, birth=(draw.randint(1930, 1955), 5, 20))
    return [one.row()], one.claims(birthcountry=given)


@refuses
def a_commune_of_the_other_half_of_a_department(draw: Draw) -> Told:
    filed, given = draw.choice([
        ("2A004", "2B004"), ("75056", "92050"), ("78646", "95500"), ("91228", "92228"),
        ("97411", "97611"), ("97105", "97205"), ("20004", "2B033"), ("69123", "69266"),
        ("13055", "13056"), ("98818", "98718"), ("75120", "75102"), ("01004", "10004"),
    ])  # fmt: skip
    one = draw.person(place=filed, country=FRANCE, birth=(draw.randint(1930, 1960), 5, 20))
    return spelled(one, birthplace=given)


@refuses
def overseas_for_the_country_next_to_it(draw: Draw) -> Told:
    one = draw.person(place="97411", country=FRANCE)
    abroad = draw.choice(["99333", "99390", "99397"])
    return spelled(one, birthcountry=abroad, birthplace=draw.choice(["", "97411"]))


@refuses
def a_dependant_who_has_the_name_of_the_insured(draw: Draw) -> Told:
    """The number on the row is somebody else's, whatever the names are."""
    one = draw.person(given=("Jean",))
    return [one.row(quality="ayant_droit", holder_nir=one.nir)], one.claims()


@refuses
def digits_and_marks_in_a_name(draw: Draw) -> Told:
    name = f"MARTIN{draw.ending()}"
    odd = draw.choice([
        name.replace("I", "1"), f"{name}2", f"{name} II", f"{name}\N{GRINNING FACE}",
        f"{name[:3]}\0{name[3:]}", f"{name}&CO", f"<b>{name}</b>", f"{name}%",
        f"{name}\N{SUPERSCRIPT TWO}",
    ])  # fmt: skip
    filed, given = draw.sample((name, odd), 2)
    one = draw.person(birth_name=given)
    return [one.row(birth_name=filed)], one.claims()

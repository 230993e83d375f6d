"""Birth names."""

import unicodedata

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import COMPOUND, LONG, Draw, plain

LIMIT = 25


@matches
def accents_kept_by_the_register(draw: Draw) -> Told:
    one = draw.person()
    return [one.row(birth_name=one.birth_name, given_names=" ".join(one.given))], one.claims()


@matches
def identity_without_accents(draw: Draw) -> Told:
    one = draw.person()
    given = [plain(name) for name in one.given]
    return [one.row(birth_name=one.birth_name)], one.named(
        given, family_name=plain(one.birth_name)
    )


@matches
def lower_case(draw: Draw) -> Told:
    one = draw.person(birth_name=draw.double())
    given = [name.lower() for name in one.given]
    return [one.row()], one.named(given, family_name=one.birth_name.lower())


@matches
def title_case(draw: Draw) -> Told:
    one = draw.person(birth_name=draw.double())
    return spelled(one, family_name=one.birth_name.title())


@matches
def decomposed_accents(draw: Draw) -> Told:
    one = draw.person()
    given = [unicodedata.normalize("NFD", name) for name in one.given]
    return [one.row()], one.named(given, family_name=unicodedata.normalize("NFD", one.birth_name))


@matches
def decomposed_accents_in_the_register(draw: Draw) -> Told:
    one = draw.person()
    return [one.row(birth_name=unicodedata.normalize("NFD", one.birth_name))], one.claims()


@matches
def odd_letters(draw: Draw) -> Told:
    end = draw.ending()
    ours, theirs = draw.choice([
        ("VŒLTZEL", "VOELTZEL"), ("LÆTITIEN", "LAETITIEN"), ("LOUŸS", "LOUYS"),
        ("GROß", "GROSS"), ("SØREN", "SOREN"), ("ŁUKASZ", "LUKASZ"), ("ĐOKOVIĆ", "DOKOVIC"),
        ("IŞıK", "ISIK"), ("İNAN", "INAN"), ("ÐURA", "DURA"), ("ŢEPEŞ", "TEPES"),
        ("DE\ufb03L", "DEFFIL"), ("\uff2d\uff21\uff32\uff34", "MART"), ("NGUYỄN", "NGUYEN"),
    ])  # fmt: skip
    one = draw.person(birth_name=ours + end)
    return [one.row(birth_name=theirs + end)], one.claims()


@matches
def invisible_characters(draw: Draw) -> Told:
    one = draw.person()
    between = draw.choice("\u200b\u200d\u2060\u00ad\ufeff")
    return spelled(one, family_name=between.join((one.birth_name[:3], one.birth_name[3:])))


@matches
def other_spaces(draw: Draw) -> Told:
    one = draw.person(birth_name=f"LE GALL{draw.ending()}")
    space = draw.choice(["\u00a0", "\u202f", "\u2009", "  ", "\t", "\u3000"])
    return spelled(one, family_name=f" {one.birth_name.replace(' ', space)} ")


@matches
def other_hyphens(draw: Draw) -> Told:
    one = draw.person(birth_name=f"ASSURE-ESSAI{draw.ending()}")
    hyphen = draw.choice(["--", " - ", " ", "", "\u2010", "\u2011", "\u2013", "\u2212", "\uff0d"])
    names = one.birth_name, one.birth_name.replace("-", hyphen)
    filed, given = draw.sample(names, 2)
    return [one.row(birth_name=filed)], one.claims(family_name=given)


@matches
def other_apostrophes(draw: Draw) -> Told:
    one = draw.person(birth_name=f"{draw.choice(['D', 'N', 'O', 'L'])}'HERIAUX{draw.ending()}")
    apostrophe = draw.choice(
        ["\u2019", "\u2018", "\u02bc", "`", "\u00b4", "\u2032", " ", "", "' "]
    )
    names = one.birth_name, one.birth_name.replace("'", apostrophe)
    filed, given = draw.sample(names, 2)
    return [one.row(birth_name=filed)], one.claims(family_name=given)


@matches
def particle_joined(draw: Draw) -> Told:
    one = draw.person(birth_name=f"DE LA TOUR{draw.ending()}")
    joined = one.birth_name.replace(" ", "")
    filed, given = draw.sample((one.birth_name, joined), 2)
    return [one.row(birth_name=filed)], one.claims(family_name=given)


@matches
def married_name_beside_the_birth_name(draw: Draw) -> Told:
    one = draw.person(usage_name="DURAND")
    return spelled(one, preferred_username="DURAND", usage_name="DURAND")


@refuses
def married_name_in_its_place(draw: Draw) -> Told:
    one = draw.person(usage_name=f"DURAND{draw.ending()}")
    return spelled(one, family_name=one.usage_name)


@refuses
def preferred_username_alone_is_right(draw: Draw) -> Told:
    one = draw.person()
    return spelled(one, family_name=f"AUTRE{draw.ending()}", preferred_username=one.birth_name)


@refuses
def another_name(draw: Draw) -> Told:
    name = draw.double()
    change = draw.choice([
        f"{name}E", name[:-1], f"{name} {draw.choice(COMPOUND)}", f"LE {name}",
        f"{name} DIT PETIT", f"{name}2", name.split(" ")[0].split("-")[0].split("'")[0],
        " ".join(reversed(name.replace("-", " ").replace("'", " ").split())),
        f"{name[:4]}{'Z' if name[4:5] != 'Z' else 'Y'}{name[5:]}",
    ])  # fmt: skip
    ours, theirs = draw.sample((name, change), 2)
    one = draw.person(birth_name=ours)
    return [one.row(birth_name=theirs)], one.claims()


@refuses
def saint_and_its_abbreviation(draw: Draw) -> Told:
    one = draw.person(birth_name=f"SAINT-AUBIN{draw.ending()}")
    return spelled(one, family_name=one.birth_name.replace("SAINT", "ST"))


@refuses
def letters_of_another_script(draw: Draw) -> Told:
    one = draw.person(birth_name=f"MARTIN{draw.ending()}")
    look = draw.choice([("A", "\u0410"), ("A", "\u0391"), ("M", "\u041c"), ("I", "\u0406")])
    names = one.birth_name, one.birth_name.replace(*look)
    filed, given = draw.sample(names, 2)
    return [one.row(birth_name=filed)], one.claims(family_name=given)


@refuses
def a_letter_was_lost(draw: Draw) -> Told:
    end = draw.ending()
    filed, given = draw.sample(
        (f"NOEL{end}", f"NO{draw.choice(['?', chr(0xFFFD), '*'])}L{end}"), 2
    )
    return [draw.person(birth_name=filed).row()], draw.person(birth_name=given).claims()


@refuses
def a_lost_letter_where_somebody_has_none(draw: Draw) -> Told:
    end = draw.ending()
    one = draw.person(birth_name=f"NOL{end}")
    return spelled(one, family_name=f"NO{draw.choice(['?', chr(0xFFFD)])}L{end}")


@refuses
def transliterated_otherwise(draw: Draw) -> Told:
    ours, theirs = draw.choice(
        [("MOHAMMEDI", "MOHAMEDI"), ("MUELLER", "MÜLLER"), ("KRAVTSOV", "KRAVCOV")]
    )
    one = draw.person(birth_name=ours + draw.ending())
    return [one.row(birth_name=theirs + one.birth_name[-3:])], one.claims()


def _long(draw: Draw) -> str:
    return f"{draw.ending()}{draw.choice(LONG)}"


def _cut_inside(name: str, length: int) -> bool:
    """Tell whether that length ends within a word, as the limit says to cut."""
    return name[length - 1].isalpha() and name[length].isalpha()


@matches
def register_cut_at_the_limit(draw: Draw) -> Told:
    name = next(n for n in iter(lambda: _long(draw), None) if _cut_inside(n, LIMIT))
    one = draw.person(birth_name=name)
    return [one.row(birth_name=plain(name)[:LIMIT])], one.claims()


@matches
def identity_cut_at_the_limit(draw: Draw) -> Told:
    name = next(n for n in iter(lambda: _long(draw), None) if _cut_inside(n, LIMIT))
    one = draw.person(birth_name=name)
    return spelled(one, family_name=name[:LIMIT])


@refuses
def cut_elsewhere(draw: Draw) -> Told:
    one = draw.person(birth_name=_long(draw))
    short = one.birth_name[: draw.choice([23, 24, 26])].rstrip(" -'")
    if len(short) == LIMIT or len(short) == len(one.birth_name):
        short = short[:-2].rstrip(" -'")
    if draw.random() < 0.5:
        return [one.row(birth_name=short)], one.claims()
    return spelled(one, family_name=short)


@refuses
def cut_at_the_limit_but_another_name(draw: Draw) -> Told:
    one = draw.person(birth_name=f"{draw.ending()}MONTMORENCY-LA ROCHEFOUCAULD")
    return spelled(one, family_name=f"{one.birth_name[:24]}ZERIAUX")


@refuses
def not_cut_but_as_long_in_code_points(draw: Draw) -> Told:
    """25 code points, 20 letters: the accents are decomposed."""
    name = f"ÉRÉBÉRÉTÉ{draw.ending()}ANNELIER"
    written = unicodedata.normalize("NFD", name)
    one = draw.person(birth_name=name + "S DU BOIS")
    return spelled(one, family_name=written + "\u200b" * (LIMIT - len(written)))


@refuses
def not_cut_but_padded_to_the_limit(draw: Draw) -> Told:
    one = draw.person(birth_name=f"MARTIN{draw.ending()}DUVAL DE LA TOUR")
    return spelled(one, family_name=f"{one.birth_name[:9]:<25}")

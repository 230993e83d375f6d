"""Birthplaces."""

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import Draw, Person

FRANCE = "99100"
# Old code, and the one it became; the number keeps the one of birth.
MERGED = (("57688", "57463"), ("17456", "17240"), ("28238", "28360"), ("14432", "14475"),
          ("01018", "01033"), ("01091", "01033"), ("61378", "61339"))  # fmt: skip
MOVED = (
    ("20127", "2A127"), ("20178", "2B178"), ("20044", "2B063"), ("75066", "93066"),
    ("75059", "93066"), ("75001", "94002"), ("78646", "78646"), ("78173", "91613"),
    ("78173", "91173"), ("78613", "91613"), ("78004", "94001"), ("01132", "69286"),
    ("98501", "97601"), ("97123", "97701"), ("97127", "97801"), ("38491", "69295"),
)  # fmt: skip
CITIES = (("75114", "75056"), ("75101", "75056"), ("69387", "69123"), ("13208", "13055"))
BEFORE_1962 = (("91352", "99352"), ("92352", "99352"), ("93352", "99352"), ("94352", "99352"),
               ("95350", "99350"), ("96351", "99351"))  # fmt: skip
STATES = (("99123", "99155", 1991), ("99123", "99148", 1991), ("99121", "99119", 1992),
          ("99121", "99118", 1992), ("99115", "99116", 1992), ("99115", "99117", 1992),
          ("99142", "99109", 1990), ("99141", "99109", 1990), ("99245", "99243", 1975),
          ("99213", "99246", 1971))  # fmt: skip


def _born_in(draw: Draw, place: str, country: str = FRANCE, until: int = 1960) -> Person:
    birth = (draw.randint(1926, until), draw.randint(1, 12), draw.randint(13, 28))
    return draw.person(place=place, country=country, birth=birth)


def _sides(draw: Draw, one: Person, codes: tuple[str, str]) -> Told:
    filed, given = draw.sample(codes, 2)
    return [one.row(birthplace_cog=filed)], one.claims(birthplace=given)


@matches
def merged_communes(draw: Draw) -> Told:
    codes = draw.choice(MERGED)
    return _sides(draw, _born_in(draw, codes[0]), codes)


@matches
def merged_and_recoded_on_both_sides(draw: Draw) -> Told:
    old, new = draw.choice(MERGED)
    one = _born_in(draw, old)
    return [one.row(birthplace_cog=new)], one.claims(birthplace=new)


@matches
def moved_communes(draw: Draw) -> Told:
    codes = draw.choice(MOVED)
    return _sides(draw, _born_in(draw, codes[0]), codes)


@matches
def number_with_the_new_code_of_a_moved_commune(draw: Draw) -> Told:
    codes = draw.choice([
        ("20001", "2A001"), ("75066", "93066"), ("75001", "94002"), ("78613", "91613"),
        ("78692", "95120"), ("98501", "97601"), ("97123", "97701"),
    ])  # fmt: skip
    return _sides(draw, _born_in(draw, codes[1]), codes)


@matches
def moved_then_merged(draw: Draw) -> Told:
    one = _born_in(draw, "78173")
    filed, given = draw.sample(("78173", "91173", "91613"), 2)
    return [one.row(birthplace_cog=filed)], one.claims(birthplace=given)


@refuses
def neighbours_since_merged(draw: Draw) -> Told:
    one = _born_in(draw, "01018")
    filed = draw.choice(["01018", "01033"])
    return [one.row(birthplace_cog=filed)], one.claims(birthplace="01091")


@refuses
def neighbour_of_the_commune_that_took_the_other_in(draw: Draw) -> Told:
    """Born in the commune whose code both have now: the other one is the next village."""
    old, new = draw.choice([*MERGED, ("20044", "2B063"), ("75059", "93066"), ("01132", "69286")])
    one = _born_in(draw, new)
    return [one.row(birthplace_cog=new)], one.claims(birthplace=old)


@refuses
def neighbours_who_could_both_be_meant(draw: Draw) -> Told:
    one = _born_in(draw, "01018")
    other = one.but(place="01091")
    return [one.row(), other.row()], one.claims(birthplace="01033")


@matches
def city_for_an_arrondissement(draw: Draw) -> Told:
    codes = draw.choice(CITIES)
    return _sides(draw, _born_in(draw, codes[0]), codes)


@matches
def arrondissement_of_a_city_number(draw: Draw) -> Told:
    part, city = draw.choice(CITIES)
    one = _born_in(draw, city)
    return [one.row()], one.claims(birthplace=part)


@refuses
def another_arrondissement(draw: Draw) -> Told:
    part, city = draw.choice([("75115", "75056"), ("69381", "69123"), ("13201", "13055")])
    at = {"75056": "75114", "69123": "69387", "13055": "13208"}[city]
    one = _born_in(draw, at)
    return [one.row(birthplace_cog=draw.choice([at, city]))], one.claims(birthplace=part)


@refuses
def city_of_two_arrondissements(draw: Draw) -> Told:
    one = _born_in(draw, "75114")
    other = one.but(place="75115")
    return [one.row(), other.row()], one.claims(birthplace="75056")


@refuses
def another_commune(draw: Draw) -> Told:
    one = _born_in(draw, "29019")
    other = draw.choice(["29232", "35238", "2A004", "97411", "75056", "29999", "98818", "20004"])
    return spelled(one, birthplace=other)


@refuses
def another_corsica(draw: Draw) -> Told:
    one = _born_in(draw, "20127")
    return [one.row(birthplace_cog=draw.choice(["2A127", "20127"]))], one.claims(
        birthplace="2B127"
    )


@matches
def north_africa_before_independence(draw: Draw) -> Told:
    place, country = draw.choice(BEFORE_1962)
    one = _born_in(draw, place, country, 1955)
    filed = draw.choice([place, country])
    given = draw.choice([(place, country), ("", country), (place, FRANCE), (country, country)])
    claims = one.claims(birthplace=given[0], birthcountry=given[1])
    return [one.row(birthplace_cog=filed)], claims


@refuses
def another_departement_of_algeria(draw: Draw) -> Told:
    one = _born_in(draw, "91352", "99352", 1955)
    filed = draw.choice(["91352", "99352"])
    return [one.row(birthplace_cog=filed)], one.claims(birthplace="92352", birthcountry="99352")


@refuses
def country_of_two_departements(draw: Draw) -> Told:
    one = _born_in(draw, "91352", "99352", 1955)
    return [one.row(), one.but(place="92352").row()], one.claims()


@refuses
def another_country_of_north_africa(draw: Draw) -> Told:
    one = _born_in(draw, "91352", "99352", 1955)
    return spelled(one, birthcountry=draw.choice(["99350", "99351"]))


@matches
def successor_states(draw: Draw) -> Told:
    old, new, until = draw.choice(STATES)
    one = _born_in(draw, old, old, until)
    filed, given = draw.sample((old, new), 2)
    row = one.row(birthplace_cog=filed, birthcountry_cog=filed)
    return [row], one.claims(birthcountry=given)


@refuses
def two_successor_states(draw: Draw) -> Told:
    old, filed, given = draw.choice([
        ("99123", "99155", "99148"), ("99121", "99119", "99118"), ("99115", "99116", "99117"),
        ("99142", "99142", "99141"), ("99123", "99253", "99252"),
    ])  # fmt: skip
    one = _born_in(draw, old, old, 1985)
    row = one.row(birthplace_cog=filed, birthcountry_cog=filed)
    return [row], one.claims(birthcountry=given)


@refuses
def predecessor_long_after_the_succession(draw: Draw) -> Told:
    old, new, until = draw.choice(
        [("99123", "99155", 1993), ("99213", "99246", 1973), ("99121", "99119", 1994)]
    )
    birth = (draw.randint(until, 2008), 5, 20)
    one = draw.person(place=new, country=new, birth=birth)
    return [one.row()], one.claims(birthcountry=old)


@refuses
def one_old_state_for_two_people(draw: Draw) -> Told:
    one = _born_in(draw, "99123", "99123", 1985)
    rows = [
        one.but(order=one.order + n).row(birthplace_cog=code, birthcountry_cog=code)
        for n, code in enumerate(("99155", "99148"))
    ]
    return rows, one.claims(birthcountry="99123")


@refuses
def another_country(draw: Draw) -> Told:
    one = _born_in(draw, "99139", "99139", 2000)
    other = draw.choice(["99127", "99134", "99352", "99109"])
    return spelled(one, birthcountry=other)


@refuses
def abroad_for_france(draw: Draw) -> Told:
    one = _born_in(draw, "29019")
    return spelled(one, birthcountry=draw.choice(["99139", "99352", "99999", "", None, "FR", 99]))


@matches
def text_for_a_birthplace_abroad(draw: Draw) -> Told:
    one = _born_in(draw, "99132", "99132", 2000)
    text = draw.choice(["LONDON", "99132", "London (UK)", "75056", None, 7, ["x"], "", "Ю"])
    return spelled(one, birthplace=text)


@matches
def leading_zero_lost(draw: Draw) -> Told:
    one = _born_in(draw, "09122")
    return spelled(one, birthplace=draw.choice(["9122", 9122]))


@matches
def leading_zero_lost_by_the_register(draw: Draw) -> Told:
    one = _born_in(draw, "09122")
    return [one.row(birthplace_cog="9122")], one.claims(birthplace=draw.choice(["9122", "09122"]))


@matches
def corsica_in_lower_case(draw: Draw) -> Told:
    one = _born_in(draw, "2A004")
    filed, given = draw.sample(("2A004", "2a004"), 2)
    return [one.row(birthplace_cog=filed)], one.claims(birthplace=given)


@refuses
def no_birthplace(draw: Draw) -> Told:
    one = _born_in(draw, "29019")
    odd = draw.choice(
        ["", None, "AAAAA", "99352", "2901", "290190", True, 7.5, [], "29 019", "Brest"]
    )
    return spelled(one, birthplace=odd)


@refuses
def no_birthplace_in_the_register(draw: Draw) -> Told:
    one = _born_in(draw, "29019")
    place, country = draw.choice(
        [("", FRANCE), ("99999", FRANCE), ("29019", ""), ("", "99999"), ("29019", "99999")]
    )
    return [one.row(birthplace_cog=place, birthcountry_cog=country)], one.claims()

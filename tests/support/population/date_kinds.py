"""Sex and dates of birth."""

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import Draw, Person

ABROAD = "99330"


def _unknown(draw: Draw, *, month: bool = True) -> Person:
    """Draw somebody whose day, and perhaps month, nobody knows."""
    year, known = draw.randint(1926, 2000), 0 if month else draw.randint(2, 12)
    name = f"DIALLO{draw.ending()}"
    return draw.person(birth_name=name, birth=(year, known, 0), place=ABROAD, country=ABROAD)


def _january(draw: Draw) -> Person:
    return draw.person(birth=(draw.randint(1926, 2000), 1, 1), birth_name=f"SOW{draw.ending()}")


@matches
def day_and_month_unknown(draw: Draw) -> Told:
    return spelled(_unknown(draw))


@matches
def day_unknown(draw: Draw) -> Told:
    return spelled(_unknown(draw, month=False))


@matches
def unknown_and_not_completed(draw: Draw) -> Told:
    one = _unknown(draw, month=draw.random() < 0.5)
    return spelled(one, birthdate=one.born, idp_birthdate=draw.choice([None, one.born]))


@matches
def completed_by_the_register(draw: Draw) -> Told:
    one = _unknown(draw)
    number = one.nir[:3] + draw.choice(["20", "31", "42", "50", "99"]) + one.nir[5:]
    return [one.row(birth_date=one.presumed, nir=number)], one.claims()


@matches
def unknown_and_nothing_tells(draw: Draw) -> Told:
    one = _unknown(draw, month=draw.random() < 0.5)
    return spelled(one, idp_birthdate=draw.choice([None, "", "nonsense", 7, "01/01/1960"]))


@matches
def real_first_of_january(draw: Draw) -> Told:
    one = _january(draw)
    return spelled(one, idp_birthdate=draw.choice([one.born, None]))


@matches
def real_first_of_january_beside_a_presumed_one(draw: Draw) -> Told:
    one = _january(draw)
    other = one.but(birth=(one.birth[0], 0, 0), order=one.order + 1)
    return [one.row(), other.row()], one.claims()


@matches
def presumed_beside_a_real_first_of_january(draw: Draw) -> Told:
    one = _unknown(draw)
    other = one.but(birth=(one.birth[0], 1, 1), order=one.order + 1)
    return [one.row(), other.row()], one.claims()


@refuses
def nothing_tells_and_there_is_a_rival(draw: Draw) -> Told:
    one = _unknown(draw)
    other = one.but(birth=(one.birth[0], 1, 1), order=one.order + 1)
    return [one.row(), other.row()], one.claims(idp_birthdate=None)


@refuses
def real_first_of_january_against_an_unknown_date(draw: Draw) -> Told:
    one = _unknown(draw)
    return spelled(one, idp_birthdate=one.presumed)


@refuses
def real_first_of_january_against_a_completed_date(draw: Draw) -> Told:
    one = _unknown(draw)
    return [one.row(birth_date=one.presumed)], one.claims(idp_birthdate=one.presumed)


@refuses
def unknown_against_a_real_first_of_january(draw: Draw) -> Told:
    one = _january(draw)
    return spelled(one, idp_birthdate=f"{one.birth[0]}-00-00")


@refuses
def unknown_day_against_a_first_of_the_month(draw: Draw) -> Told:
    one = draw.person(birth=(1970, 5, 1))
    return spelled(one, idp_birthdate="1970-05-00")


@refuses
def unknown_against_another_day_of_that_year(draw: Draw) -> Told:
    one = draw.person()
    year = one.birth[0]
    return spelled(one, birthdate=f"{year}-01-01", idp_birthdate=f"{year}-00-00")


@refuses
def unknown_month_against_a_known_one(draw: Draw) -> Told:
    one = _unknown(draw, month=False)
    year = one.birth[0]
    return spelled(
        one, birthdate=f"{year}-01-01", idp_birthdate=draw.choice([f"{year}-00-00", None])
    )


@matches
def corrected_by_the_national_register(draw: Draw) -> Told:
    one = draw.person()
    wrong = draw.choice([f"{one.birth[0]}-00-00", f"{one.birth[0] + 1}-02-03", "1900-00-00"])
    return spelled(one, idp_birthdate=wrong)


@refuses
def another_date(draw: Draw) -> Told:
    one = draw.person()
    year, month, day = one.birth
    wrong = draw.choice([
        (year, month, day - 1), (year, month, day + 1 if day < 28 else 12), (year + 1, month, day),
        (year - 1, month, day), (year, month % 12 + 1, day), (year + 10, month, day),
        (year + 100, month, day), (year - 70, month, day), (year, month, 11), (year, month, 1),
    ])  # fmt: skip
    date = "{:04}-{:02}-{:02}".format(*wrong)
    return spelled(one, birthdate=date, idp_birthdate=draw.choice([date, one.born]))


@refuses
def day_and_month_swapped(draw: Draw) -> Told:
    year, month, day = draw.randint(1930, 2000), *draw.sample(range(1, 13), 2)
    one = draw.person(birth=(year, month, day), birth_name=f"SWAP{draw.ending()}")
    date = f"{year}-{day:02}-{month:02}"
    return spelled(one, birthdate=date, idp_birthdate=draw.choice([date, None]))


@refuses
def no_date(draw: Draw) -> Told:
    one = draw.person()
    odd = draw.choice([
        None, "", 1985, ["1985-07-14"], "1985-02-30", "1985-13-01", "85-07-14", "14/07/1985",
        f"{one.born}T00:00:00Z", f"{one.birth[0]}-00-14", "\uff11\uff19\uff18\uff15-07-14", True,
    ])  # fmt: skip
    return spelled(one, birthdate=odd)


@refuses
def the_other_sex(draw: Draw) -> Told:
    one = draw.person()
    return spelled(one, gender="female" if one.male else "male")


@refuses
def no_sex(draw: Draw) -> Told:
    return spelled(
        draw.person(), gender=draw.choice([None, "", "unspecified", "M", 1, ["male"], "other"])
    )

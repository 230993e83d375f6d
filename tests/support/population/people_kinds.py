"""Twins, homonyms, kin, numbers and qualities; claims of no use."""

from tests.support.population.cases import Told, matches, refuses, spelled
from tests.support.population.people import Draw


@matches
def everything_alike(draw: Draw) -> Told:
    return spelled(draw.person())


@refuses
def not_in_the_register(draw: Draw) -> Told:
    return [draw.person().row()], draw.person().claims()


@matches
def twins_both_there(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Noël", "Ange"))
    twin = one.but(given=("Inès", "Noël", "Ange"), order=one.order + 1)
    return [one.row(), twin.row()], one.claims()


@refuses
def the_other_twin(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Noël", "Ange"))
    twin = one.but(given=draw.choice([("Inès", "Noël", "Ange"), ("Noël", "Claire", "Ange")]))
    return [one.row()], twin.claims()


@refuses
def twins_of_whom_the_list_of_one_begins_that_of_the_other(draw: Draw) -> Told:
    one = draw.person(given=("Claire",))
    twin = one.but(given=("Claire", "Marie"), order=one.order + 1)
    return [one.row(), twin.row()], draw.choice([one, twin]).claims()


@matches
def twin_of_the_other_sex(draw: Draw) -> Told:
    one = draw.person(given=("Camille",))
    return [one.row(), one.but(male=not one.male).row()], one.claims()


@refuses
def homonyms(draw: Draw) -> Told:
    one = draw.person()
    return [one.row(), one.but(order=one.order + 1).row()], one.claims()


@refuses
def homonyms_of_whom_one_is_certified(draw: Draw) -> Told:
    one = draw.person()
    other = one.but(order=one.order + 1)
    rows = [one.row(), other.row(identity_certified="0")]
    return draw.sample(rows, 2), one.claims()


@refuses
def homonyms_spelled_differently(draw: Draw) -> Told:
    one = draw.person(birth_name=f"LE GALL{draw.ending()}")
    other = one.but(order=one.order + 1, birth_name=one.birth_name.replace(" ", "-"))
    return [one.row(), other.row()], one.claims()


@matches
def parent_and_child_of_one_name(draw: Draw) -> Told:
    one = draw.person()
    year, month, day = one.birth
    return [one.row(), one.but(birth=(year - 30, month, day)).row()], one.claims()


@matches
def one_number_a_century_apart(draw: Draw) -> Told:
    one = draw.person(birth=(2008, 3, 14))
    return [one.row(), one.row(birth_date="1908-03-14")], one.claims()


@matches
def dependants_under_the_same_number(draw: Draw) -> Told:
    one = draw.person()
    child = one.row(quality="ayant_droit", given_names="ZOE", birth_date="2015-05-15")
    same = one.row(quality="ayant_droit", holder_nir=one.nir)
    return [one.row(), child, same], one.claims()


@refuses
def a_dependant(draw: Draw) -> Told:
    one = draw.person()
    return [one.row(quality="ayant_droit", holder_nir=one.nir)], one.claims()


@refuses
def not_certified(draw: Draw) -> Told:
    one = draw.person()
    status = draw.choice(["definitive", "waiting", "provisional"])
    return [one.row(identity_certified="0", nir_status=status)], one.claims()


@matches
def waiting_number_that_is_certified(draw: Draw) -> Told:
    one = draw.person()
    number = f"{draw.choice('3478')}{one.nir[1:]}"
    return [one.row(nir=number, nir_status="waiting")], one.claims()


@refuses
def waiting_number_beside_the_definitive_one(draw: Draw) -> Told:
    one = draw.person()
    waiting = one.row(nir=f"7{one.nir[1:]}", nir_status="waiting", identity_certified="0")
    return draw.sample([one.row(), waiting], 2), one.claims()


@matches
def one_number_loaded_twice(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Marie"))
    return [one.row(), one.row(given_names="CLAIRE")], one.claims()


@refuses
def one_number_loaded_twice_once_uncertified(draw: Draw) -> Told:
    one = draw.person(given=("Claire", "Marie"))
    rows = [one.row(), one.row(given_names="CLAIRE", identity_certified="0")]
    return draw.sample(rows, 2), one.claims()


@refuses
def claims_of_no_use(draw: Draw) -> Told:
    name = draw.choice(["family_name", "given_name", "gender", "birthdate", "birthcountry"])
    odd = draw.choice([None, "", 7, 7.5, True, [], {}, ["x"], {"a": 1}, " ", "\x00", "x" * 257])
    changes = {name: odd, **({"given_name_array": None} if name == "given_name" else {})}
    return spelled(draw.person(), **changes)


@matches
def names_of_256_characters(draw: Draw) -> Told:
    one = draw.person(birth_name=f"{draw.ending()}{'A' * 253}")
    return spelled(one)


@matches
def claims_that_nobody_asked_for(draw: Draw) -> Told:
    odd = {"a": [None, 1.5, {"b": "c"}]}
    return spelled(draw.person(), address=odd, email=7, idp_id=None, rnipp_family_name="AUTRE")

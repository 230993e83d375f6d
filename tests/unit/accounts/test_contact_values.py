"""Addresses and telephone numbers as people type them."""

import pytest

from broker.accounts.email_address import EmailAddress, masked
from broker.accounts.telephone import Telephone
from broker.base.errors import InvalidField


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("Jean.Dupont@Exemple.FR", "Jean.Dupont@exemple.fr"),
        ("o'neil+ameli@exemple.fr", "o'neil+ameli@exemple.fr"),
        ("jean@école.fr", "jean@xn--cole-9oa.fr"),
        ("jean@exemple.test", "jean@exemple.test"),
    ],
)
def test_an_address_is_kept_as_mail_is_sent(typed, sent_to):
    assert EmailAddress.parse(typed).value == sent_to


@pytest.mark.parametrize(
    "typed",
    [
        "", "jean", "jean@", "@exemple.fr", "jean@exemple", "jean@@exemple.fr", "a b@exemple.fr",
        "jean@exemple.fr\nBcc: x@y.fr", "jean..d@exemple.fr", "<jean@exemple.fr>",
        "jéan@exemple.fr",
        "m\u0131ke@exemple.fr", "jean@exemple.invalid", "jean@localhost", "j" * 65 + "@exemple.fr",
        "jean@" + "e" * 64 + ".fr", "j@" + "exemple." * 40 + "fr", '"jean"@exemple.fr',
        "jean@[127.0.0.1]", "jean@exemple.fr,paul@exemple.fr", "\u212Aevin@exemple.fr",
    ],
)  # fmt: skip
def test_what_mail_cannot_reach_is_refused(typed):
    with pytest.raises(InvalidField):
        EmailAddress.parse(typed)


def test_case_alone_does_not_make_two_addresses():
    one, two = EmailAddress.parse("JEAN@exemple.fr"), EmailAddress.parse("jean@EXEMPLE.fr")

    assert one.canonical == two.canonical


def test_a_tag_or_a_dot_makes_two_addresses():
    canonical = {EmailAddress.parse(f"{local}@exemple.fr").canonical for local in ("a.b", "ab")}

    assert len(canonical) == 2


@pytest.mark.parametrize(
    ("address", "shown"),
    [("jean@exemple.fr", "j***@e***.fr"), ("", ""), ("x@y.z.fr", "x***@y***.fr")],
)
def test_a_masked_address_shows_two_letters(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("06\u00a012\u00a034\u00a056\u00a078", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0690 12 34 56", "+590690123456"),
        ("0639 98 12 34", "+33639981234"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_a_mobile_number_is_read_in_every_spelling(typed, number):
    assert Telephone.mobile(typed) == Telephone(number)


@pytest.mark.parametrize(
    "typed", ["01 23 45 67 89", "06 12 34 56", "abc", "06 12 34 56 78 9", "1" * 90]
)
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(InvalidField):
        Telephone.mobile(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("01 23 45 67 89", "+33123456789"),
        ("0262 12 34 56", "+262262123456"),
        ("09 72 12 34 56", "+33972123456"),
    ],
)
def test_a_fixed_number_is_read(typed, number):
    assert Telephone.landline(typed) == Telephone(number)


def test_a_mobile_number_is_no_fixed_one():
    with pytest.raises(InvalidField):
        Telephone.landline("06 12 34 56 78")


def test_both_numbers_are_optional():
    assert Telephone.mobile("") is None
    assert Telephone.landline("") is None

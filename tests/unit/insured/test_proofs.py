"""Post codes, bank accounts and cards, as typed and as filed."""

import pytest

from broker.base.errors import InvalidField
from broker.insured.proofs import (
    Iban,
    IbanEnd,
    PostalCode,
    Unreadable,
    VitaleEnd,
    VitaleSerial,
)


@pytest.mark.parametrize(
    "typed", ["0302443", "03 02 443", "7k61692", "7K61692", "7k\u00a061692", "7k-61-692"]
)
def test_the_end_of_an_iban_is_seven_digits_or_letters(typed):
    assert len(IbanEnd.parse(typed).value) == 7


@pytest.mark.parametrize("typed", ["", "030244", "03024433", "030-443", "é302443", "\u0131302443"])
def test_other_ends_of_an_iban_are_refused(typed):
    with pytest.raises(InvalidField) as refused:
        IbanEnd.parse(typed)

    assert refused.value.message == "iban7.invalid"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0467122263", "vitale11.ten_digits"),
        ("04671 22263", "vitale11.ten_digits"),
        ("046712226301", "vitale11.invalid"),
        ("04671222630a", "vitale11.invalid"),
        ("\u06604671222630", "vitale11.invalid"),
        ("", "vitale11.invalid"),
    ],
)
def test_a_serial_needs_eleven_digits_and_ten_get_their_own_hint(typed, message):
    with pytest.raises(InvalidField) as refused:
        VitaleEnd.parse(typed)

    assert refused.value.message == message


@pytest.mark.parametrize("typed", ["04671 222630", "04671-222630", "04671\u202f22263\u200b0"])
def test_eleven_digits_are_kept_without_what_stands_between(typed):
    assert VitaleEnd.parse(typed).value == "04671222630"


@pytest.mark.parametrize("typed", ["6300", "630000", "2A004", "\uff16\uff13\uff10\uff10\uff10"])
def test_a_post_code_is_five_digits(typed):
    with pytest.raises(InvalidField):
        PostalCode.parse(typed)


def test_the_mask_has_the_layout_of_the_source_and_hides_check_digits_and_branch():
    iban = Iban.filed("FR6420041999990134780302443")

    assert " ".join(iban.mask) == "FR.. 2004 1... ..01 3478"


@pytest.mark.parametrize(
    "text",
    ["FR7630004004573690852496284", "FR9620041620472537386K53875", "BE68539007547034",
     "DE89370400440532013000"],
)  # fmt: skip
def test_french_and_foreign_accounts_are_read(text):
    assert Iban.filed(text).french is text.startswith("FR")


@pytest.mark.parametrize(
    "text",
    ["FR763000400457369085249628", "FR76 3000 4004", "FRXX", "X", "fr7630004004573690852496284"],
)
def test_other_shapes_are_unreadable(text):
    with pytest.raises(Unreadable):
        Iban.filed(text)


@pytest.mark.parametrize("text", ["80250000028778567742", "8025000002877856774244", "A" * 21])
def test_a_filed_serial_has_21_digits(text):
    with pytest.raises(Unreadable):
        VitaleSerial.filed(text)


def test_ends_are_compared_whole():
    iban = Iban.filed("FR7630004004573690852496284")
    serial = VitaleSerial.filed("802500000287785677424")

    assert iban.ends_with(IbanEnd.parse("2496284"))
    assert not iban.ends_with(IbanEnd.parse("2496285"))
    assert serial.shown == "8025000002"
    assert serial.ends_with(VitaleEnd.parse("87785677424"))
    assert not serial.ends_with(VitaleEnd.parse("87785677425"))


def test_nothing_of_a_proof_prints():
    shown = repr(
        (Iban("FR7630004004573690852496284"), VitaleEnd("87785677424"), PostalCode("63000"))
    )

    assert not any(part in shown for part in ("7630004", "87785677424", "63000"))

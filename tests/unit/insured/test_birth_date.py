"""Birth dates, whose day or month may be unknown."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.insured.birth_date import BirthDate, NotADate


@pytest.mark.parametrize(
    "typed",
    [
        "03/02/1981",
        "3/2/1981",
        "3-2-1981",
        "3.2.1981",
        "03 02 1981",
        " 03 / 02 / 1981 ",
        "03021981",
        "1981-02-03",
        "3\u20112\u20111981",
    ],
)
def test_people_type_a_date_in_many_ways(typed):
    assert BirthDate.parse(typed) == BirthDate(1981, 2, 3)


@pytest.mark.parametrize(
    "typed",
    ["", "31/02/1981", "29/02/1981", "32/01/1981", "01/13/1981", "01/01/81", "01/01/0000",
     "01/01/1849", "\u0660\u0663/02/1981", "3/2\u0663/1981", "1981", "abc", "03/02/1981/",
     "030281"],
)  # fmt: skip
def test_what_no_calendar_holds_is_refused(typed):
    with pytest.raises(NotADate):
        BirthDate.parse(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("00/00/1956", (1956, 0, 0)), ("0/8/1956", (1956, 8, 0)), ("29/02/1956", (1956, 2, 29))],
)
def test_lunar_dates_and_leap_days_exist(typed, read):
    assert BirthDate.parse(typed) == BirthDate(*read)


@pytest.mark.parametrize(
    ("known", "typed", "accepted"),
    [
        ("1956-00-00", "00/00/1956", True),
        ("1956-00-00", "01/01/1956", True),
        ("1956-00-00", "01/00/1956", True),
        ("1956-00-00", "02/01/1956", False),
        ("1956-00-00", "00/00/1957", False),
        ("1956-07-00", "00/07/1956", True),
        ("1956-07-00", "01/07/1956", True),
        ("1956-07-00", "00/00/1956", False),
        ("1956-07-00", "01/01/1956", False),
        ("1956-07-14", "00/07/1956", False),
        ("1956-01-01", "00/00/1956", False),
    ],
)
def test_unknown_parts_of_the_record_accept_00_or_01(known, typed, accepted):
    assert BirthDate.iso(known).accepts(BirthDate.parse(typed)) is accepted


@pytest.mark.parametrize(
    ("born", "on", "sixteen"),
    [
        ("2010-03-02", date(2026, 3, 1), False),
        ("2010-03-02", date(2026, 3, 2), True),
        ("2008-02-29", date(2024, 2, 28), False),
        ("2008-02-29", date(2024, 2, 29), True),
        ("2010-00-00", date(2026, 12, 30), False),
        ("2010-00-00", date(2026, 12, 31), True),
        ("2010-03-00", date(2026, 3, 30), False),
        ("2010-03-00", date(2026, 4, 1), True),
    ],
)
def test_age_counts_unknown_parts_as_the_last_day(born, on, sixteen):
    assert BirthDate.iso(born).age_is_at_least(16, on) is sixteen


@given(st.dates(date(1900, 1, 1), date(2025, 1, 1)))
def test_every_real_day_is_read_back(day):
    assert str(BirthDate.parse(day.strftime("%d/%m/%Y"))) == day.isoformat()


@given(st.text(max_size=12))
def test_whatever_is_typed_gives_a_date_or_a_refusal(typed):
    try:
        BirthDate.parse(typed)
    except NotADate:
        return


def test_a_date_does_not_print():
    assert "1981" not in repr(BirthDate(1981, 2, 3))

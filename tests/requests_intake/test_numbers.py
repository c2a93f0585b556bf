"""Request numbers: the check digit catches what people mistype."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from requests_intake.numbers import check_digit, grouped, number_for, parse_number

DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))


def test_known_value_of_iso_7064_mod_11_10():
    # worked by hand: ISO/IEC 7064 gives 5 for the string 0794
    assert check_digit("0794") == "5"


@settings(deadline=None)  # one example's time measures the neighbours on the machine, not the code
@given(DAYS, st.integers(0, 10**9))
def test_round_trip_with_any_grouping(day, sequence):
    number = number_for(day, sequence)
    assert len(number) == 15
    assert parse_number(grouped(number)) == number
    assert parse_number(f" {number[:4]} {number[4:]}　".replace("　", " ")) == number


@settings(deadline=None)
@given(DAYS, st.integers(0, 999_999), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_refused(day, sequence, position, shift):
    number = number_for(day, sequence)
    wrong = str((int(number[position]) + shift) % 10)
    assert parse_number(number[:position] + wrong + number[position + 1 :]) is None


def test_other_texts_are_no_number():
    for text in ["", "12", "abcdefghijklmno", "2026111600041", "٢٠٢٦١١١٦٠٠٠٤١٧٣", "1" * 40]:
        assert parse_number(text) is None

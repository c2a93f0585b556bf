"""Numbers that prove themselves: every slip of one character or of two neighbours is found, and said in words."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.text.check_digits import id_check_character
from population.check_digits import (
    CREDIT_ALPHABET,
    IdentityKind,
    Sex,
    credit_check_character,
    credit_code_judged,
    from_fifteen,
    identity_judged,
    organisation_check_character,
)

TODAY = date(2026, 11, 28)
REGIONS = st.sampled_from(["110105", "320508", "440306", "510104", "650102", "810000", "820000", "830000", "931840"])


@st.composite
def identities(draw):
    """Numbers of people born until today."""
    born = draw(st.dates(date(1900, 1, 1), TODAY))
    body = f"{draw(REGIONS)}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + id_check_character(body)


@st.composite
def credit_codes(draw):
    """Codes with an inner organisation code that adds up; letters in the area part, as rural collectives have them."""
    area = draw(st.text(CREDIT_ALPHABET, min_size=8, max_size=8))
    inner = draw(st.text(CREDIT_ALPHABET, min_size=8, max_size=8))
    body = area + inner + organisation_check_character(inner)
    return body + credit_check_character(body)


@given(identities())
def test_a_number_that_adds_up_is_right_and_proposes_birth_and_sex(number):
    found = identity_judged(f" {number[:6]} {number[6:14]}-{number[14:].lower()}", today=TODAY)
    assert (found.fault, found.doubt, found.number) == ("", "", number)
    assert f"{found.birth_date:%Y%m%d}" == number[6:14]
    assert found.sex == (Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)
    kinds = {"8": IdentityKind.PERMIT, "9": IdentityKind.FOREIGNER}
    assert found.kind == kinds.get(number[0], IdentityKind.RESIDENT)


@given(identities(), st.integers(0, 17), st.sampled_from("0123456789XA"))
def test_one_wrong_character_is_always_found(number, place, character):
    assume(number[place] != character)
    assert identity_judged(number[:place] + character + number[place + 1 :], today=TODAY).fault


@given(identities(), st.integers(0, 16))
def test_two_neighbours_changed_round_are_always_found(number, place):
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert identity_judged(swapped, today=TODAY).fault


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.sampled_from(["110105", "320508"]), st.integers(0, 999))
def test_old_numbers_are_converted_in_tables_only(born, region, sequence):
    old = f"{region}{born:%y%m%d}{sequence:03d}"
    assert "18 位" in str(identity_judged(old, today=TODAY).fault)
    found = identity_judged(old, today=TODAY, old_too=True)
    assert (found.fault, found.birth_date, len(found.number)) == ("", born, 18)
    assert "15 位" in str(found.doubt), "nothing in the old ones proves itself"
    again = identity_judged(found.number, today=TODAY)
    assert (again.fault, again.doubt, again.sex) == ("", "", found.sex)


@given(credit_codes(), st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET), st.integers(0, 16))
def test_slips_in_credit_codes_are_found(code, place, letter, pair):
    assert credit_code_judged(code.lower()) == credit_code_judged(code)
    assert credit_code_judged(code).fault == credit_code_judged(code).doubt == ""
    if code[place] != letter:
        assert credit_code_judged(code[:place] + letter + code[place + 1 :]).fault
    if code[pair] != code[pair + 1]:
        assert credit_code_judged(code[:pair] + code[pair + 1] + code[pair] + code[pair + 2 :]).fault


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("11010519491231002X", ""),
        ("１１０１０５１９４９１２３１００２ｘ", ""),
        ("\u202a11010519491231002X\u202c", ""),  # copied out of a window, with invisible marks
        ("'110105 19491231–002x", ""),
        ("110105491231002", "15 位"),
        ("", "18 位"),
        ("1１010519491231002Ⅹ", "只有数字"),  # the Roman ten is no X
        ("11010519491231002", "18 位"),
        ("1101051949123100A1", "只有数字"),
        ("110105194902300025", "不存在"),
        ("110105209902280026", "还没有到"),
        ("110105194912310021", "对不上"),
    ],
)
def test_what_is_wrong_is_said(typed, said):
    found = identity_judged(typed, today=TODAY)
    assert said in str(found.fault)
    assert bool(said) == bool(found.fault)
    if not said:
        assert found.number == "11010519491231002X"


def test_known_codes_and_lookalikes():
    assert from_fifteen("110105491231002") == "11010519491231002X"
    for permit in ("810000199408230021", "830000199201300022"):  # specimens
        assert (identity_judged(permit, today=TODAY).fault, identity_judged(permit, today=TODAY).doubt) == ("", "")
    for right in ("91110000600037341L", "91350100M000100Y43"):
        assert credit_code_judged(right).fault == credit_code_judged(right).doubt == ""
    for typed, said in (
        ("9III0000600037341L", ("第 2 位", "字母 I", "91110000600037341L")),
        ("91110000600O37341L", ("第 12 位", "字母 O", "91110000600037341L")),
        ("91110000600O37342L", ("第 12 位", "没有字母 O，是不是数字 0")),
        ("91110000600037342Z", ("第 18 位", "没有字母 Z，是不是数字 2")),
        ("91350100M000100S43", ("第 16 位", "没有字母 S，是不是数字 5")),
        ("V1350100M000100Y43", ("第 1 位", "没有字母 V，是不是字母 U")),
    ):
        fault = str(credit_code_judged(typed).fault)
        assert all(part in fault for part in said), fault
    assert "18 位" in str(credit_code_judged("9111").fault)
    assert "$" in str(credit_code_judged("91110000600037341$").fault)
    assert identity_judged("990105194912310027"[:17] + id_check_character("99010519491231002"), today=TODAY).doubt

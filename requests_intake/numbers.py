"""Request numbers: yyyymmdd, six digits of one sequence, and an ISO 7064 MOD 11,10 check digit."""

import re
from datetime import date


def check_digit(digits: str) -> str:
    """Return the ISO 7064 MOD 11,10 check digit of a string of decimal digits."""
    p = 10
    for digit in digits:
        s = (int(digit) + p) % 10 or 10
        p = s * 2 % 11
    return str((11 - p) % 10)


def number_for(day: date, sequence: int) -> str:
    """Return the 15-digit number of the `sequence`-th request (modulo one million) filed on `day` (local)."""
    stem = f"{day:%Y%m%d}{sequence % 1_000_000:06d}"
    return stem + check_digit(stem)


def parse_number(text: str) -> str | None:
    """Return the 15 digits of a number typed with any spaces or dashes, or None where the check digit is wrong."""
    digits = re.sub(r"[\s\-－—]", "", text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    if len(digits) != 15 or not digits.isascii() or not digits.isdigit() or check_digit(digits[:-1]) != digits[-1]:
        return None
    return digits


def grouped(number: str) -> str:
    """Return the number as people read it aloud: 20261116-000417-3."""
    return f"{number[:8]}-{number[8:14]}-{number[14:]}"

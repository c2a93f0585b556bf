"""Numbers that carry their own proof."""

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def id_number_is_valid(number: str) -> bool:
    """Tell whether 18 characters are a well-formed identity number: a real date and the right check character.

    GB 11643, ISO 7064 MOD 11-2. Any region is accepted: residence permits of Hong Kong, Macau and Taiwan residents
    (81 to 83), permanent residence cards (9) and regions long abolished follow the same scheme.
    """
    number = number.upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    return number[17] == id_check_character(number[:17]) and is_date(number[6:14])


def id_check_character(body: str) -> str:
    """Return the last character of an identity number from its first 17 digits: ISO 7064 MOD 11-2, X for ten."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def luhn_is_valid(number: str) -> bool:
    """Tell whether a row of digits ends with the right Luhn check digit, as bank cards do."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


def is_date(digits: str) -> bool:
    """Tell whether yyyymmdd is a real date since 1850."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= 1850
    except ValueError:
        return False

"""Numbers that add up and belong to nobody: identity numbers, passports, credit codes, telephones."""

from collections import Counter
from datetime import date

from demo.people import UNUSED_PREFIXES
from governance.text.check_digits import id_check_character
from population.check_digits import CREDIT_ALPHABET, credit_check_character, organisation_check_character

REGION = "990105"
PERMIT_REGIONS = ("990181", "990182", "990183")
CARD_REGION = "990156"
_SPREAD = 61_803_399  # coprime to 10**8: numbers are apart from each other and never meet


class Numbers:
    """Gives out numbers, none of them twice."""

    def __init__(self) -> None:
        self._of_day: Counter[tuple[str, date, str]] = Counter()
        self._phones = 0
        self._passports = 0
        self._codes = 0

    def identity(self, born: date, sex: str, region: str = REGION) -> str:
        """An identity number of 18 characters; the 17th is odd for men."""
        turn = self._of_day[region, born, sex]
        self._of_day[region, born, sex] += 1
        day = born.isoformat().replace("-", "")
        body = f"{region}{day}{2 * turn + (1 if sex == '1' else 2):03d}"
        return body + id_check_character(body)

    def phone(self) -> str:
        """Eleven digits that look like a mobile number."""
        self._phones += 1
        prefix = UNUSED_PREFIXES[self._phones % len(UNUSED_PREFIXES)]
        return f"{prefix}{self._phones * _SPREAD % 10**8:08d}"

    def passport(self) -> str:
        """Two letters that no country puts in front, and seven digits."""
        self._passports += 1
        return f"XX{self._passports * 61_803 % 10**7:07d}"

    def credit_code(self, begins: str) -> str:
        """A credit code: `begins` are registrar and kind ("91" a company, "92" a trader)."""
        self._codes += 1
        left, signs = self._codes * _SPREAD % 31**6, ""
        for _place in range(6):
            left, sign = divmod(left, 31)
            signs += CREDIT_ALPHABET[sign]
        inner = f"MA{signs}"
        body = f"{begins}{REGION}{inner}{organisation_check_character(inner)}"
        return body + credit_check_character(body)


def old_number(number: str) -> str:
    """The 15 digits that an identity number of somebody born before 2000 once had."""
    return number[:6] + number[8:17]

"""What is shown of personal data to those who need to recognise a person but not to know them."""

import re
import unicodedata

from governance.privacy.blind_index import phone_digits

_COMPOUND_SURNAMES = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离"
    "|长孙|宇文|司徒|鲜于|司空|令狐|百里|东郭|南门|呼延|西门|拓跋|轩辕"
)
_TITLES = ("先生", "女士", "小姐", "老师", "师傅", "阿姨", "叔叔", "大爷", "大妈", "奶奶", "爷爷")
_LATIN = re.compile(r"[^\W\d_]", re.ASCII)


def mask_name(name: str) -> str:
    """Keep the surname: 张三 -> 张*, 欧阳小明 -> 欧阳**, 王女士 stays, John Smith -> J*** S***."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        return ""
    if _LATIN.search(name):
        return " ".join(f"{part[0]}***" for part in name.split())
    title = next((title for title in _TITLES if name.endswith(title) and len(name) > len(title)), "")
    bare = name.removesuffix(title).strip()
    if "·" in bare:
        return f"{bare[0]}***{title}"
    surname = 2 if _COMPOUND_SURNAMES.match(bare) else 1
    if len(bare) <= surname:
        return bare + title if title else "*" * len(bare)
    return bare[:surname] + "*" * (len(bare) - surname) + title


def mask_phone(phone: str) -> str:
    """Keep enough to recognise one's own: 13912342046 -> 139****2046, 0755-84622222 -> 0755****2222."""
    digits = phone_digits(phone)
    if len(digits) < 7:
        return "*" * len(digits)
    if len(digits) < 10:
        return f"****{digits[-4:]}" if len(digits) > 7 else f"****{digits[-3:]}"
    head = 4 if digits.startswith("0") and not digits.startswith(("010", "02")) else 3
    return f"{digits[:head]}****{digits[-4:]}"


def mask_email(email: str) -> str:
    """Keep the first letter and the domain: zhang@example.com -> z***@example.com."""
    local, at, domain = email.strip().rpartition("@")
    return f"{local[0]}***@{domain}" if at and local and domain else "***"


def mask_id_number(number: str) -> str:
    """Keep the first and the last four: 11010519491231002X -> 1101**********002X."""
    number = number.strip()
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) >= 15 else "*" * len(number)

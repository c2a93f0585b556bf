"""Chinese text: cleaning, words, likeness, suggestion, and finding personal data. Pure functions, no database."""

from governance.text.cleaning import clean_text
from governance.text.personal_data import Span, find_personal_data, mask_personal_data
from governance.text.phones import mobile_number
from governance.text.suggestion import suggest
from governance.text.words import similarity, tokens

__all__ = [
    "Span",
    "clean_text",
    "find_personal_data",
    "mask_personal_data",
    "mobile_number",
    "similarity",
    "suggest",
    "tokens",
]

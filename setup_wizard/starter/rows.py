"""The starter of the catalogue as rows of the wizard's table."""

from governance.files.checked_tables import StoredRow
from setup_wizard.starter.catalogue import CatalogueEntry, catalogue


def starter_groups() -> list[tuple[CatalogueEntry, list[CatalogueEntry]]]:
    """Themes with their items."""
    entries = catalogue()
    return [
        (theme, [one for one in entries if one.is_leaf and one.code.startswith(theme.code)])
        for theme in entries
        if theme.level == 1
    ]


def starter_rows(codes: set[str]) -> list[StoredRow]:
    """Rows of the chosen items. Guides and offices stay out: they promise what only an office itself can promise."""
    names = {entry.code: entry for entry in catalogue()}
    chosen = [entry for entry in catalogue() if entry.is_leaf and entry.code in codes]
    return [(number, _row(entry, names), {}) for number, entry in enumerate(chosen, start=1)]


def _row(entry: CatalogueEntry, names: dict[str, CatalogueEntry]) -> dict[str, str]:
    theme, group = names[entry.code[:2]], names[entry.code[:4]]
    phone = next((number for number in ("110", "119", "120", "122") if number in entry.stop_text), "")
    values = {
        "theme": theme.name,
        "theme_en": theme.name_en,
        "group": group.name,
        "group_en": group.name_en,
        "name": entry.name,
        "name_en": entry.name_en,
        "policy_key": entry.policy,
        "duty": entry.duty,
        "urgency": entry.urgency,
        "is_public": "yes" if entry.public_by_default else "no",
        "needs_place": "no" if entry.is_enquiry else "yes",
        "round_the_clock": "yes" if entry.round_the_clock else "no",
        "keywords": " ".join(entry.keywords),
        "legal_basis": entry.legal_basis,
        "stop_text": entry.stop_text,
        "stop_text_en": entry.stop_text_en,
        "stop_phone": phone if entry.stop_text else "",
    }
    return {name: value for name, value in values.items() if value}

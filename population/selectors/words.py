"""How places of the registry are called."""

from population.models import Dwelling


def dwelling_text(dwelling: Dwelling) -> str:
    """Return the address down to the door: "槐安里7幢 1单元 301室". No SQL with entrance, building and address read."""
    door = f"{dwelling.door}室" if dwelling.door.isascii() and dwelling.door.isalnum() else dwelling.door
    return " ".join(part for part in (dwelling.building.address.text, dwelling.entrance.name, door) if part)

"""The tables of the wizard by their step."""

from governance.files.checked_tables import TableKind
from setup_wizard.kinds.addresses import ADDRESSES
from setup_wizard.kinds.areas import AREAS
from setup_wizard.kinds.catalogue import CATALOGUE
from setup_wizard.kinds.offices import OFFICES
from setup_wizard.kinds.people import PEOPLE

KINDS: dict[str, TableKind] = {kind.key: kind for kind in (AREAS, ADDRESSES, OFFICES, PEOPLE, CATALOGUE)}

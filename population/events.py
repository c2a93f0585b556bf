"""What the population app publishes: ids, codes and dates, never a name or a number."""

from governance.outbox.events import EventType

# One event a load; the subject is the first address of it.
ADDRESSES_LOADED = EventType("population.addresses_loaded", ("count",))

# Of a person.
PERSON_REGISTERED = EventType("population.person_registered", ("source",))
PERSON_CHANGED = EventType("population.person_changed", ("fields", "source"))
PERSON_CONFIRMED = EventType("population.person_confirmed", ("source",))
PERSON_REVEALED = EventType("population.person_revealed", ("fields",))
PERSON_DIED = EventType("population.person_died", ("died_on",))
# Of the record that went into another (`person`), and of one that was parted from it again.
PERSON_MERGED = EventType("population.person_merged", ("person",))
PERSON_PARTED = EventType("population.person_parted", ("person",))

# Of a residency: `person` and `dwelling` are references; the area is where they moved in, or out.
MOVED_IN = EventType("population.moved_in", ("person", "dwelling", "kind", "from_date"))
MOVED_OUT = EventType("population.moved_out", ("person", "dwelling", "to_date", "reason"))

# Of a household.
HOUSEHOLD_FORMED = EventType("population.household_formed", ("dwelling",))
HOUSEHOLD_ENDED = EventType("population.household_ended", ("dwelling",))
HEAD_CHANGED = EventType("population.head_changed", ("person",))
# Of a code in a sealed letter, and of the binding between an account and a person.
BINDING_CODE_ISSUED = EventType("population.binding_code_issued", ("expires_at",))
BINDING_CODE_REVOKED = EventType("population.binding_code_revoked", ())
BINDING_CODE_REFUSED = EventType("population.binding_code_refused", ("tries",))
DWELLING_BOUND = EventType("population.dwelling_bound", ("method",))
DWELLING_UNBOUND = EventType("population.dwelling_unbound", ("reason",))

# Of what a resident wants changed in their own record; `kind` is a field's fault or a move.
CORRECTION_PROPOSED = EventType("population.correction_proposed", ("kind",))
CORRECTION_WITHDRAWN = EventType("population.correction_withdrawn", ())
CORRECTION_ACCEPTED = EventType("population.correction_accepted", ("kind",))
CORRECTION_REFUSED = EventType("population.correction_refused", ("kind",))
# Of places.
COMPOUND_REGISTERED = EventType("population.compound_registered", ())
BUILDING_REGISTERED = EventType("population.building_registered", ())
BUILDING_CHANGED = EventType("population.building_changed", ("fields", "source"))
ENTRANCE_ADDED = EventType("population.entrance_added", ())
DWELLINGS_GENERATED = EventType("population.dwellings_generated", ("count", "source"))
DWELLING_REGISTERED = EventType("population.dwelling_registered", ("source",))
DWELLING_CHANGED = EventType("population.dwelling_changed", ("fields", "source"))
DWELLING_CONFIRMED = EventType("population.dwelling_confirmed", ("source",))
DWELLING_ENDED = EventType("population.dwelling_ended", ("ended_on",))
# Of a table that was handed in: how many rows made somebody new, changed somebody, stayed out; what undoing left.
REGISTRY_IMPORTED = EventType("population.registry_imported", ("kind", "made", "updated", "refused"))
IMPORT_UNDONE = EventType("population.import_undone", ("kind", "remaining"))
# Of a legal entity or an underground space; who looked at its contacts is told as a look at a person is.
ENTITY_REGISTERED = EventType("population.entity_registered", ("source",))
ENTITY_CHANGED = EventType("population.entity_changed", ("fields", "source"))
ENTITY_CONFIRMED = EventType("population.entity_confirmed", ("source",))
SPACE_REGISTERED = EventType("population.space_registered", ("source",))
SPACE_CHANGED = EventType("population.space_changed", ("fields", "source"))
SPACE_INSPECTED = EventType("population.space_inspected", ("source",))
CONTACT_REVEALED = EventType("population.contact_revealed", ("fields",))

"""Requests of the persons concerned: a copy, a correction, a deletion of what the portal holds of them (PIPL 44-50)."""

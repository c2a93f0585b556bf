"""Kinds of notice of this app, by what they are about."""

from grid import notices_checks, notices_tasks, notices_territory  # noqa: F401

"""Keeps Django's own warnings ("Not Found: /t/...") from writing paths into the log: tracking tokens are secrets."""

import logging

from governance.web.middleware import route_name


class HidePaths(logging.Filter):
    """Replaces the path in records of `django.request` and its kin by the name of the route."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without its path."""
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and hasattr(request, "path"):
            record.args = tuple(route_name(request) if arg == request.path else arg for arg in record.args)
        return True

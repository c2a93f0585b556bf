"""All addresses of the portal."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def routes(
    resolver: URLResolver | None = None, space: str = "", prefix: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every route with its name (`intake:queue`) and its text (`staff/requests/`)."""
    for part in (resolver or get_resolver()).url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from routes(part, f"{part.namespace}:" if part.namespace else space, route)
        else:
            yield f"{space}{part.name}", route, part

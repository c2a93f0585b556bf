"""Known addresses while somebody types where it is: a fragment below the address field."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import public
from governance.web.geocoding import Match
from governance.web.throttle import throttle
from population.selectors import address_search

SHOWN = 5
LONGEST = 200
SHORTEST = 2
COMMUNITY = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One known address to choose. `fills`: what then stands in the field, never less than what was typed."""

    text: str
    place: str
    fills: str
    community: str
    lng: float | None
    lat: float | None


@public("Residents report without an account; addresses of buildings are no secret.")
@require_safe
@throttle("report-address", limit=300, seconds=300, methods=("GET", "HEAD"))
def addresses(request: HttpRequest) -> HttpResponse:
    """List known addresses like `?address=`; say so when none is like it. 2 SQL, 3 in English."""
    typed = request.GET.get("address", "")[:LONGEST].strip()
    found = address_search(typed, limit=SHOWN)
    context = {"typed": typed, "offers": _offers(typed, found), "enough": len(typed) >= SHORTEST}
    return render(request, "requests_intake/_addresses.html", context)


def _offers(typed: str, found: list[Match]) -> list[Offer]:
    language = translation.get_language()
    codes = {code for match in found for code in _path(match.area_code)}
    names = areas.names(codes)
    with translation.override("zh-hans"):  # addresses are written in Chinese
        written = names if translation.get_language() == language else areas.names(codes)
    return [_offer(typed, match, names, written) for match in found]


def _path(code: str) -> list[str]:
    """District, sub-district, community and grid of a code."""
    return [code[:length] for length in (6, 9, 12, 15) if len(code) >= length]


def _offer(typed: str, match: Match, names: dict[str, str], written: dict[str, str]) -> Offer:
    path = _path(match.area_code)
    text = match.text
    for code in path:
        text = text.removeprefix(written.get(code, ""))
    text = text or match.text
    is_part = _plain(typed) in _plain(match.text)
    return Offer(
        text=text,
        place=" · ".join(names[code] for code in path[1:] if code in names),
        fills=text if is_part else typed,
        community=match.area_code[:COMMUNITY],
        lng=match.lng,
        lat=match.lat,
    )


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()

"""From what a program told to what is filed."""

from collections.abc import Mapping
from typing import Any

from requests_intake.flow import NO_PLACE, place_of
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.services.submission import Submission

_UNKNOWN = 0  # no item has this key: the service answers as for one that is not in use any more


def submission_of(told: Mapping[str, Any], *, key: str) -> Submission:
    """Return the submission, its place found as on the pages."""
    place = _place(told)
    return Submission(
        kind=told["kind"],
        channel=told["channel"],
        body=told["body"],
        title=told.get("title", ""),
        submission_key=key,
        category_id=_category(told.get("category")),
        place_kind=place["place_kind"],
        address=place["address"],
        area_code=place["area_code"],
        lng=place["lng"],
        lat=place["lat"],
        name=told.get("name", ""),
        phone=told.get("phone", ""),
        email=told.get("email", ""),
        may_be_public=told.get("may_be_public", False),
        language=told.get("language", "zh-hans"),
        file_ids=tuple(told.get("attachments", ())),
        urgent_remark=told.get("urgent_remark", ""),
        promised_at=told.get("promised_at"),
    )


def _place(told: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "address": told.get("address", "").strip(),
        "area_code": told.get("area_code", ""),
        "lng": told.get("lng"),
        "lat": told.get("lat"),
    }
    if given["lng"] is None and not given["address"] and not given["area_code"]:
        return dict(NO_PLACE)
    return place_of(given)


def _category(code: str | None) -> int | None:
    if code is None:
        return None
    return next((item.pk for item in items_in_use().values() if item.code == code), _UNKNOWN)

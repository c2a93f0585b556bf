"""What comes in by any channel, and what goes out to whoever sent it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from requests_intake.models import Channel, PlaceKind, ServiceRequest

TITLE_MAX = 30


@dataclass(frozen=True, slots=True)
class Concerned:
    """For whom the sender reports. `is_told`: by SMS; `is_called`: the office calls this person, not the sender."""

    name: str
    phone: str = ""
    relation: str = ""
    is_told: bool = False
    is_called: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """What a resident, a clerk or the hotline sends. Text is as typed; `file_ids` are uploads of the draft.

    `title`: a headline that came along, else the first clause of the words. `organisation_id`: who the sender thinks
    will handle it. `promised_at`: a date that somebody promised before; the earlier of it and ours counts.
    `received_at`: only for records of the past: they keep their date, and nobody is reminded or told.
    """

    kind: str
    body: str
    submission_key: str
    category_id: int | None = None
    place_kind: str = PlaceKind.NONE
    address: str = ""
    area_code: str = ""
    lng: float | None = None
    lat: float | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    may_be_public: bool = False
    concerned: Concerned | None = None
    language: str = "zh-hans"
    file_ids: tuple[UUID, ...] = ()
    recording_id: UUID | None = None
    channel: str = Channel.WEB
    # What of the district's inventory is concerned, and what the standard calls the matter.
    component_id: int | None = None
    matter_id: int | None = None
    # Time limits of the matter, before those of the category; "" where it has none of its own.
    policy_key: str = ""
    urgent_remark: str = ""
    # Whom a complaint or tip-off is about; of other kinds it is left out.
    complained_id: int | None = None
    title: str = ""
    organisation_id: int | None = None
    promised_at: datetime | None = None
    received_at: datetime | None = None
    # To the extra questions of the category, by key; None where the channel does not ask them.
    answers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the receipt needs: the request and the one-time readable tracking token (128 bit)."""

    request: ServiceRequest
    token: str
    is_repeat: bool = False


def token_digest(token: str) -> str:
    """Digest under which a tracking or draft token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def title_of(body: str) -> str:
    """Return the first clause of the words that says anything, at most 30 characters, as the line in queues."""
    clauses = (clause.strip(" ，,、") for clause in re.split(r"[。！？!?；;\n]", body))
    first = next((clause for clause in clauses if clause), " ".join(body.split()))
    return first if len(first) <= TITLE_MAX else first[: TITLE_MAX - 1] + "…"

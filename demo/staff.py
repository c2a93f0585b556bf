"""People who work in the demo district. Names are invented; numbers come from prefixes that no carrier uses."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROLE_KEYS = (
    "dispatcher",
    "handler",
    "community_head",
    "callback_agent",
    "supervisor",
    "district_viewer",
    "grid_worker",
    "administrator",
    "counter_clerk",
    "operations_admin",
    "system_admin",
    "security_admin",
    "audit_admin",
)
MAIL_DOMAIN = "chengwan.example"  # RFC 2606: mail to it can reach nobody


@dataclass(frozen=True, slots=True)
class DemoGrant:
    """A role for an area code or for an organisation key; exactly one of the two is filled."""

    role: str
    area_code: str
    organisation_key: str


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One person. `call` is how colleagues and residents call them; `is_demo_login` marks the login shown per role."""

    key: str
    display_name: str
    call: str
    sex: str
    staff_no: str
    email: str
    phone: str
    organisation_key: str
    title: str
    role: str
    grants: tuple[DemoGrant, ...]
    is_demo_login: bool


@cache
def staff() -> tuple[DemoStaff, ...]:
    """Everyone, offices first."""
    path = Path(__file__).parent / "data" / "staff.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_person(number, row) for number, row in enumerate(csv.DictReader(file), 1))


@cache
def staff_by_role(role: str) -> tuple[DemoStaff, ...]:
    """People with a role, in file order."""
    return tuple(person for person in staff() if person.role == role)


@cache
def handlers_of(organisation_key: str) -> tuple[DemoStaff, ...]:
    """People who handle orders for an organisation; for a community also its head, so never empty there."""
    people = [p for p in staff() if p.organisation_key == organisation_key]
    return tuple(
        [p for p in people if p.role == "handler"]
        or [p for p in people if p.role in {"dispatcher", "community_head", "supervisor"}]
    )


def _person(number: int, row: dict[str, str]) -> DemoStaff:
    staff_no = f"CW{number:04d}"
    grants = []
    for scope in row["scope"].split():
        kind, _, value = scope.partition(":")
        grants.append(DemoGrant(row["role"], value if kind == "area" else "", value if kind == "org" else ""))
    return DemoStaff(
        key=staff_no.lower(),
        display_name=row["name"],
        call=row["call"],
        sex=row["sex"],
        staff_no=staff_no,
        email=f"{(row['login'] or staff_no).lower()}@{MAIL_DOMAIN}",
        phone=f"161{41000000 + number * 72931 % 900000:08d}",
        organisation_key=row["organisation"],
        title=row["title"],
        role=row["role"],
        grants=tuple(grants),
        is_demo_login=bool(row["login"]),
    )

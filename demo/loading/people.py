"""Staff with their grants, and one login per role with a password made for this installation."""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from demo import staff
from governance.access.models import AccessPolicy, Grant, Role, User, UserPhone
from governance.organisations.models import Organisation
from governance.privacy.blind_index import blind_index

LOGINS = Path("run") / "demo_logins.json"
_WORDS = (
    "liutang", "huaian", "qinghe", "shanyu", "wutong", "binhe", "caihong", "chenxi", "dahai", "fengye", "guihua",
    "hehua", "jinxiu", "kaoshan", "lanyue", "meigui",
)  # fmt: skip


def load_people(offices: dict[str, Organisation], at: datetime) -> dict[str, User]:
    """Create everybody and their grants; return people by key and write the demo logins under var/."""
    roles = {role.key: role for role in Role.objects.all()}
    people: dict[str, User] = {}
    logins: list[dict[str, str]] = []
    unusable = make_password(None)
    for person in staff.staff():
        user = User(
            email=person.email,
            display_name=person.display_name,
            staff_no=person.staff_no,
            organisation=offices[person.organisation_key],
            password=unusable,
        )
        if person.is_demo_login:
            password = _password()
            user.password = make_password(password)
            role = roles[person.role]
            logins.append(
                {
                    "role": person.role,
                    "role_name": role.name,
                    "role_name_en": role.name_en,
                    "name": person.display_name,
                    "email": person.email,
                    "password": password,
                }
            )
        people[person.key] = user
    User.objects.bulk_create(people.values())
    _phones(people)
    _grants(people, roles, offices, at)
    # the printed logins work in one step: nobody who tries the demo needs a telephone; a banner says until when
    AccessPolicy.objects.update_or_create(pk=AccessPolicy.ROW, defaults={"grace_days": AccessPolicy.GRACE_MOST})
    _write(logins)
    return people


def _password() -> str:
    return "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(9000) + 1000}"


def _phones(people: dict[str, User]) -> None:
    UserPhone.objects.bulk_create(
        UserPhone(
            user=people[person.key],
            number=person.phone,
            number_index=blind_index(person.phone, purpose="access.phone"),
        )
        for person in staff.staff()
        if person.phone
    )


def _grants(people: dict[str, User], roles: dict[str, Role], offices: dict[str, Organisation], at: datetime) -> None:
    administrator = next(people[p.key] for p in staff.staff() if p.role == "administrator")
    start = at - timedelta(days=500)
    grants: list[Grant] = []

    def give(user: User, role: str, area_code: str, organisation: Organisation | None) -> None:
        grants.append(
            Grant(
                user=user,
                role=roles[role],
                area_code=organisation.area_code if organisation else area_code,
                organisation=organisation,
                starts_at=start,
                ends_at=at + timedelta(days=365),
                granted_by=administrator if user is not administrator else None,
                reason="岗位授权（演示）",
                created_at=start,
            )
        )

    for person in staff.staff():
        user = people[person.key]
        for grant in person.grants:
            office = offices[grant.organisation_key] if grant.organisation_key else None
            give(user, grant.role, grant.area_code, office)
        # A community has no section of its own: its head also handles what is sent to the committee.
        if person.role == "community_head":
            give(user, "handler", "", offices[person.organisation_key])
    for key in _handled_by_desk():
        give(people[key[0]], "handler", "", offices[key[1]])
    Grant.objects.bulk_create(grants)


def _handled_by_desk() -> list[tuple[str, str]]:
    """(person, organisation) where an organisation that gets orders has no handler of its own."""
    own = {p.organisation_key for p in staff.staff() if p.role in {"handler", "community_head"}}
    return [
        (p.key, p.organisation_key) for p in staff.staff() if p.role == "dispatcher" and p.organisation_key not in own
    ]


def _write(logins: list[dict[str, str]]) -> None:
    path = Path(settings.VAR_DIR) / LOGINS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(logins, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)

"""The only writers of what was typed when a session ended (`KeptForms`)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from governance.access import events
from governance.access.models import KeptForms, User
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import Viewer
from governance.outbox.services import publish
from governance.refs import ref_of

LIFETIME = timedelta(hours=24)  # left in the evening, found in the morning
PAGES_MOST, FORMS_MOST, CHARACTERS_MOST = 20, 10, 100_000
# Secrets never, by whatever form they come; a test holds this to what the views call sensitive.
NEVER_KEPT = frozenset(
    {"password", "password1", "password2", "password_again", "code", "_proof", "_opening", "csrfmiddlewaretoken"}
    | {"wanted"}  # whom somebody looks for in the registry
)

Form = dict[str, Any]  # {"action": path, "fields": [[name, value], …]}


def forms_keep(*, user: User, page: str, forms: Iterable[Mapping[str, Any]], at: datetime) -> bool:
    """Keep what somebody typed on a page, beside what was kept there before; return whether anything was.

    The same form typed anew takes the place of the earlier one. More than 100,000 characters are not kept, more than
    ten forms of a page or twenty pages push the oldest out.
    """
    new = [kept for form in forms if (kept := _clean(form))][-FORMS_MOST:]
    if not new or not user.is_active or len(page) > KeptForms._meta.get_field("page").max_length:  # type: ignore[operator]
        return False
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        row = KeptForms.objects.filter(user=user, page=page, expires_at__gt=at).first()
        before = [one for one in row.forms if not any(_is_same(one, form) for form in new)] if row else []
        KeptForms.objects.update_or_create(
            user=user, page=page, defaults={"forms": [*before, *new][-FORMS_MOST:], "expires_at": at + LIFETIME}
        )
        newest = KeptForms.objects.filter(user=user).order_by("-expires_at", "-pk").values_list("pk", flat=True)
        KeptForms.objects.filter(user=user).exclude(pk__in=list(newest[:PAGES_MOST])).delete()
    return True


def _clean(form: Mapping[str, Any]) -> Form | None:
    """The form without secrets; None where nothing is left, or too much."""
    fields = [[str(name), str(value)] for name, value in form["fields"] if name not in NEVER_KEPT]
    size = sum(len(name) + len(value) for name, value in fields)
    if not any(value for _name, value in fields) or size > CHARACTERS_MOST:
        return None
    return {"action": str(form["action"]), "fields": fields}


def _is_same(one: Form, other: Form) -> bool:
    """Two states of one form: same address, same names. What differs in a hidden row number is told by its value."""
    if one["action"] != other["action"]:
        return False
    mine, theirs = dict(one["fields"]), dict(other["fields"])
    return mine.keys() == theirs.keys() and all(mine[name] == theirs[name] for name in mine if mine[name].isdecimal())


def has_kept(user: User, at: datetime) -> bool:
    """Whether anything waits for this person. 1 SQL."""
    return KeptForms.objects.filter(user=user, expires_at__gt=at).exists()


def kept_on(user: User, page: str, at: datetime) -> list[Form]:
    """What waits for this person on this page, the newest first. 1 SQL."""
    row = KeptForms.objects.filter(user=user, page=page, expires_at__gt=at).first()
    return list(reversed(row.forms)) if row is not None else []


def forms_drop(*, user: User, page: str) -> None:
    """Forget what was kept of a page: it is not wanted."""
    KeptForms.objects.filter(user=user, page=page).delete()


def form_sent(*, user: User, action: str) -> None:
    """Forget the newest form that goes to this address: it was sent. One typed beside it in another tab stays."""
    with transaction.atomic():
        rows = KeptForms.objects.select_for_update(no_key=True).filter(user=user).order_by("-expires_at", "-pk")
        for row in rows:
            places = [place for place, form in enumerate(row.forms) if form["action"] == action]
            if places:
                row.forms = [form for place, form in enumerate(row.forms) if place != places[-1]]
                row.save(update_fields=["forms"]) if row.forms else row.delete()
                return


def kept_expire(*, at: datetime) -> int:
    """Delete what nobody came back for within a day; return of how many pages."""
    return KeptForms.objects.filter(expires_at__lte=at).delete()[0]


def session_time_out(*, user: User, session_key: str, at: datetime) -> None:
    """End a session that was quiet for too long, and say so in the trail."""
    with transaction.atomic():
        sessions_drop([one for one in sessions_of(user) if one.session_key == session_key])
        viewer = Viewer(kind="staff", user=user, at=at)
        publish(events.SESSION_TIMED_OUT, subject=ref_of(user), actor=viewer, at=at)

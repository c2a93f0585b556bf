"""The only writers of `ExternalIdentity`: which colleague is who at the office's identity provider.

Staff exist before they come: nobody gets an account by being known elsewhere. The first time, a claim names them, an
address that the provider has verified or their staff number; from then on the provider's own name for them (`sub`)
does, and no other of its accounts can take their place by getting their old address. An administrator takes the tie off
again. So nobody has to collect those names beforehand, and a claim that changes hands later opens nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access import events
from governance.access.models import AccountChange, ExternalIdentity, User, UserKind
from governance.access.places import home_of
from governance.access.reasons import checked_reason
from governance.access.services import address_digest
from governance.access.services.second_step import require_reset
from governance.access.services.sessions import sessions_drop, sessions_of
from governance.access.viewer import ANONYMOUS, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of

_UNKNOWN = _("身份核对过了，但这里没有对应的账号，或者账号停用了。请找本单位的管理员。")
_TIED = _("您的账号已经和另一个身份连着。请找本单位的管理员解开，再登录。")


def identity_find(*, subject: str, claims: Mapping[str, Any], address: str, at: datetime) -> User:
    """The active colleague whom the provider means, tied to its name for them from now on.

    Raises `DomainError` in words for an unknown, closed or ambiguous one, an address that is not verified, and where
    the colleague is tied to somebody else over there; the trail says which (`access.provider_refused`).
    """
    issuer = settings.OIDC_ISSUER
    with constraint_errors(), transaction.atomic():
        index = ExternalIdentity._meta.get_field("subject_index")
        known = ExternalIdentity.objects.filter(
            issuer=issuer,
            subject_index__in=index.digests(subject),  # type: ignore[union-attr]
        ).first()
        user = _of_staff(pk=known.user_id) if known is not None else _claimed(claims)
        if (
            user is not None
            and known is None
            and not ExternalIdentity.objects.filter(user=user, issuer=issuer).exists()
        ):
            known = ExternalIdentity.objects.create(
                user=user,
                issuer=issuer,
                subject=subject,
                subject_index=index.digest(subject),
                at=at,  # type: ignore[union-attr]
            )
            own = Viewer(kind="staff", user=user, at=at)
            publish(events.IDENTITY_TIED, subject=ref_of(user), actor=own, at=at)
        if user is not None and known is not None:
            return user
        told = {"source_index": address_digest(address), "why": "unknown" if user is None else "tied"}
        whom = ref_of(user) if user is not None else events.DOOR
        publish(events.PROVIDER_REFUSED, subject=whom, actor=ANONYMOUS, payload=told, at=at)
    raise DomainError("provider_unknown", _UNKNOWN) if user is None else DomainError("provider_tied", _TIED)


def _claimed(claims: Mapping[str, Any]) -> User | None:
    value = claims.get(settings.OIDC_CLAIM)
    if not isinstance(value, str) or not value.strip():
        return None
    if settings.OIDC_CLAIM != "email":
        return _of_staff(staff_no=value.strip())
    return _of_staff(email=value.strip().lower()) if claims.get("email_verified") is True else None


def _of_staff(**narrowed: Any) -> User | None:
    """The one active colleague; None where there is none, or more than one. 1 SQL."""
    found = list(User.objects.filter(kind=UserKind.STAFF, is_active=True, **narrowed).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def has_identity(user: User) -> bool:
    """Whether somebody is tied to an account at a provider. 1 SQL."""
    return ExternalIdentity.objects.filter(user=user).exists()


def identity_untie(*, user: User, reason: str, actor: Viewer, at: datetime) -> int:
    """Take the tie to the provider off and sign the colleague out; return how many sessions ended.

    At their next sign-in through it the claim names them again. Raises as `second_step_reset` does, `StaleState` where
    there is no tie.
    """
    why = checked_reason(reason, missing=_("请写明原因，例如：换了单位的统一身份账号，本人当面来办的"))
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        require_reset(user, actor, at)
        if not ExternalIdentity.objects.filter(user=user).delete()[0]:
            raise StaleState("identity_missing", _("这个人没有连着统一身份"))
        ended = sessions_drop(sessions_of(user))
        AccountChange.objects.create(
            user=user, is_active=user.is_active, identity_untied=True, reason=why, by=actor.user, at=at
        )
        payload = {"sessions": ended}
        publish(
            events.IDENTITY_UNTIED, subject=ref_of(user), actor=actor, area_code=home_of(user), payload=payload, at=at
        )
    return ended

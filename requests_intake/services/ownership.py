"""Whose request it is: taking one into an account, hiding a name, removing contact details, letting an account go."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from requests_intake import events
from requests_intake.models import ConcernedPerson, Draft, RequesterContact, ServiceRequest
from requests_intake.selectors.requester import is_requester
from requests_intake.services.stepping import publish_of_request, request_lock


def request_take_over(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Put a request into the account of the resident who holds its tracking link (the caller has found it by that).

    A second time changes nothing. Raises `Forbidden` for anybody without an account, `DomainError` when it already
    belongs to another one: a link that was passed on must not move somebody's request away.
    """
    if actor.kind != "resident":
        raise Forbidden("account_needed", _("请先登录，再把它放到您的账号里"))
    with transaction.atomic():
        locked = request_lock(request.pk)
        if locked.account_id == actor.user_id:
            return locked
        if locked.account_id is not None:
            raise DomainError("in_other_account", _("这件事已经在别的账号里了，凭链接照样能看进展"))
        locked.account_id = actor.user_id
        locked.save(update_fields=["account"])
        publish_of_request(events.TAKEN_OVER, locked, actor, at, account_id=actor.user_id)
    return locked


def request_hide_name(*, request: ServiceRequest, is_hidden: bool, actor: Viewer, at: datetime) -> None:
    """Hide the requester's name from those who handle the request, or show it again.

    Raises `Forbidden` for anybody but the requester, `DomainError` when no name was left.
    """
    _require_own(request, actor)
    with transaction.atomic():
        contact = _contact(request)
        if contact is None or not contact.name:
            raise DomainError("no_name", _("当时没有留称呼，没有可以隐藏的"))
        if contact.is_name_hidden == is_hidden:
            return
        contact.is_name_hidden = is_hidden
        contact.save(update_fields=["is_name_hidden"])
        publish_of_request(events.NAME_HIDDEN, request, actor, at, is_hidden=is_hidden)


def contact_remove(*, request: ServiceRequest, actor: Viewer, at: datetime) -> None:
    """Delete name, telephone and e-mail of a request that is over (个人信息保护法 §47: the purpose is achieved).

    Raises `Forbidden` for anybody but the requester, `DomainError` while somebody still has to reach them.
    """
    _require_own(request, actor)
    with transaction.atomic():
        locked = request_lock(request.pk)
        if locked.is_open:
            raise DomainError("still_open", _("事情还没办完，办的人要联系您。办结以后再来去掉。"))
        person = ConcernedPerson.objects.filter(request=locked).delete()[0]
        if RequesterContact.objects.filter(request=locked).delete()[0] or person:
            publish_of_request(events.CONTACT_REMOVED, locked, actor, at)


def account_forget(*, user_id: int) -> None:
    """Let go of what binds requests to an account that is closed, and delete its drafts."""
    ServiceRequest.objects.filter(account_id=user_id).update(account=None)
    Draft.objects.filter(account_id=user_id).delete()


def _contact(request: ServiceRequest) -> RequesterContact | None:
    rows = RequesterContact.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(request=request).first()


def _require_own(request: ServiceRequest, actor: Viewer) -> None:
    if not is_requester(actor, request):
        raise Forbidden("not_your_request", _("这个链接不能做这件事"))

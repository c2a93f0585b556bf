"""Reply templates: written by the office, checked when saved."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from requests_intake import events, placeholders
from requests_intake.models import AnswerTemplate
from requests_intake.permissions import Capability
from requests_intake.services.replies import REPLY_MAX

TITLE_MAX = 40


def reply_template_save(
    *,
    template: AnswerTemplate | None,
    title: str,
    text: str,
    text_en: str,
    category_prefix: str,
    organisation_id: int | None,
    is_active: bool,
    actor: Viewer,
    at: datetime,
    state: str = "",
    kind: str = "",
) -> AnswerTemplate:
    """Write a new template (None), or change one. Without an office it is everybody's.

    `state` (of the order) and `kind` (of the request) say where it is offered, "" everywhere.

    Raises `DomainError` beside the field: empty, too long, an unknown place in braces (named, with those there are),
    a title taken; `Forbidden` for the template of another office.
    """
    if template is not None:
        _check_office(template.organisation_id, actor)
    _check_office(organisation_id, actor)
    kept = template or AnswerTemplate()
    kept.title = _text(title, "title", _("请给模板起个名字"), TITLE_MAX, multiline=False)
    kept.text = _text(text, "text", _("请写正文"), REPLY_MAX)
    kept.text_en = _text(text_en, "text_en", "", REPLY_MAX)
    kept.category_prefix = category_prefix if category_prefix.isascii() and category_prefix.isdigit() else ""
    kept.state, kept.kind = state, kind
    kept.organisation_id, kept.is_active = organisation_id, is_active
    kept.changed_by, kept.changed_at = actor.user, at
    with constraint_errors(), transaction.atomic():
        kept.save()
        publish(events.TEMPLATE_CHANGED, subject=kept, actor=actor, payload={"is_active": is_active}, at=at)
    return kept


def may_edit(organisation_id: int | None, viewer: Viewer) -> bool:
    """Whether the viewer may write templates of this office: whoever handles there. Those of all (None): editors."""
    if organisation_id is None:
        return bool(viewer.areas(Capability.EDIT_TEMPLATES))
    return organisation_id in viewer.organisations(Capability.HANDLE_ORDER)


def _check_office(organisation_id: int | None, actor: Viewer) -> None:
    if not may_edit(organisation_id, actor):
        raise Forbidden("template_of_others", _("只能改本单位的模板"))


def _text(value: str, field: str, missing: str, longest: int, *, multiline: bool = True) -> str:
    text = clean_text(value, multiline=multiline)
    if not text and missing:
        raise DomainError(f"{field}_required", missing, field=field)
    if len(text) > longest:
        raise DomainError(f"{field}_too_long", _("最多 %(count)d 个字") % {"count": longest}, field=field)
    if multiline and (wrong := placeholders.unknown(text)):
        shown = _("、").join(f"{{{name}}}" if name not in "{}｛｝" else name for name in wrong)
        known = _("、").join(placeholders.names(english=field == "text_en" or get_language() == "en"))
        message = _("没有 %(wrong)s 这样的位置，能用的有：%(known)s") % {"wrong": shown, "known": known}
        raise DomainError("placeholder_unknown", message, field=field)
    return text

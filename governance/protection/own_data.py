"""What somebody asked about their own data, and who read it, for the copy of their own data."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.privacy.models import AccessLog
from governance.privacy.sources import Part, PersonalDataSource, Whose, moment, register
from governance.protection.models import PersonRequest
from governance.protection.person_requests.services import READ
from governance.refs import ref_of


def _requests_of(whose: Whose) -> list[PersonRequest]:
    field: Any = PersonRequest._meta.get_field("contact_index")
    own = Q(person=whose.user) if whose.user is not None else Q(contact_index__in=field.digests(whose.phone))
    known = whose.user is not None or whose.phone
    return list(PersonRequest.objects.filter(own).order_by("-pk")) if known else []


def _asked(whose: Whose, at: datetime) -> Iterator[Part]:
    for row in _requests_of(whose):
        lines = [
            (_("要什么"), str(row.get_kind_display())),
            (_("收到"), moment(row.received_at)),
            (_("姓名"), row.name),
            (_("怎么联系"), row.contact),
            (_("您说的"), row.words),
            (_("答复"), " · ".join(filter(None, [str(row.get_decision_display()), row.reason]))),
            (_("办了什么"), row.outcome),
        ]
        yield Part(row.number, [(label, text) for label, text in lines if text])


def _looked(whose: Whose, at: datetime) -> Iterator[Part]:
    numbers = {ref_of(row): row.number for row in _requests_of(whose)}
    rows = AccessLog.objects.filter(subject_ref__in=numbers, purpose=READ).select_related("user__organisation")
    lines = []
    for row in rows.order_by("-at", "-pk"):
        office = row.user.organisation if row.user is not None else None
        lines.append(
            (moment(row.at), " · ".join(filter(None, [office.label if office else "", numbers[row.subject_ref]])))
        )
    if lines:
        yield Part(_("谁看过您的请求"), lines)


register(
    PersonalDataSource("protection.1_requests", gettext_lazy("您对个人信息的请求"), _asked),
    PersonalDataSource("protection.2_looks", gettext_lazy("谁看过您的请求"), _looked),
)

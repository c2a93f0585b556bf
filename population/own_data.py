"""What the registry holds of one person, for the copy of their own data.

Only an account that is bound to the person gets it: a telephone number alone proves nobody of the registry.
The record is kept by law while somebody lives there and as history afterwards; nothing of it is erased on request.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.privacy.models import AccessLog
from governance.privacy.sources import Part, PersonalDataSource, Whose, moment, register
from governance.refs import ref_of
from population.models import Correction, DwellingBinding, Person, Residency, Source
from population.naming import dwelling_name
from population.selectors.own import PERSON_WORDS, correction_rows, shown_of

_PLACE = ("dwelling__entrance", "dwelling__building__address")


def _people(whose: Whose, at: datetime) -> list[Person]:
    if whose.user is None:
        return []
    rows = DwellingBinding.objects.holding(timezone.localdate(at)).filter(user=whose.user)
    return list(Person.objects.filter(pk__in=rows.values("person_id")).order_by("pk"))


def _record(whose: Whose, at: datetime) -> Iterator[Part]:
    for person in _people(whose, at):
        lines = [(str(PERSON_WORDS[name]), str(text)) for name, text in shown_of(person).items()]
        lines += [
            (_("来源"), str(Source(person.source).label)),
            (_("登记时间"), moment(person.collected_at)),
            (_("最后核对"), moment(person.confirmed_at)),
        ]
        yield Part(_("您自己"), [(label, text) for label, text in lines if text])
        stays = Residency.objects.filter(person=person).select_related(*_PLACE)
        for stay in stays.order_by("-from_date", "-pk"):
            period = f"{stay.from_date} – {stay.to_date or ''}".strip()
            rows = [
                (_("居住类型"), str(stay.get_kind_display())),
                (_("与户主的关系"), str(stay.get_relation_display())),
                (_("什么时候"), period),
                (_("用途"), str(stay.get_purpose_display())),
                (_("来源"), str(Source(stay.source).label)),
            ]
            yield Part(dwelling_name(stay.dwelling), rows)


def _bindings(whose: Whose, at: datetime) -> Iterator[Part]:
    if whose.user is None:
        return
    rows = DwellingBinding.objects.filter(user=whose.user).select_related(*_PLACE)
    lines = []
    for one in rows.order_by("-begun_at", "-pk"):
        words = [dwelling_name(one.dwelling), str(one.get_method_display())]
        words += [moment(one.ended_at), str(one.get_end_reason_display())] if one.ended_at else []
        lines.append((moment(one.begun_at), " · ".join(words)))
    if lines:
        yield Part(_("您绑定的住房"), lines)


def _corrections(whose: Whose, at: datetime) -> Iterator[Part]:
    if whose.user is None:
        return
    for one in Correction.objects.filter(user=whose.user).order_by("-asked_at", "-pk"):
        lines = [
            *((str(label), str(text)) for _name, label, text in correction_rows(one)),
            (_("说明"), str(one.words or "")),
            (_("现在"), str(one.get_state_display())),
            (_("答复"), str(one.answer or "")),
        ]
        yield Part(f"{moment(one.asked_at)} {one.get_kind_display()}", [(a, b) for a, b in lines if b])


def _looks(whose: Whose, at: datetime) -> Iterator[Part]:
    refs = [ref_of(person) for person in _people(whose, at)]
    rows = AccessLog.objects.filter(subject_ref__in=refs).select_related("user__organisation") if refs else []
    lines = []
    for row in sorted(rows, key=lambda one: one.at, reverse=True):
        office = row.user.organisation if row.user is not None else None
        lines.append((moment(row.at), " · ".join(filter(None, [office.label if office else "", row.purpose]))))
    if lines:
        yield Part(_("谁打开过您的登记"), lines)


register(
    PersonalDataSource("population.1_record", gettext_lazy("人房登记"), _record),
    PersonalDataSource("population.2_bindings", gettext_lazy("住房绑定"), _bindings),
    PersonalDataSource("population.3_corrections", gettext_lazy("您请求的更正"), _corrections),
    PersonalDataSource("population.4_looks", gettext_lazy("谁打开过您的登记"), _looks),
)

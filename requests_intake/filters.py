"""Filters of the staff lists: they live in the URL, so that a list can be bookmarked and sent to a colleague."""

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_intake.models import RequestKind, ServiceRequest
from requests_intake.numbers import parse_number
from requests_intake.selectors.metrics import last_valid_callbacks
from requests_intake.workflow import RequestState


class RequestFilter(django_filters.FilterSet):
    """State, kind, area, words or number, overdue only."""

    q = django_filters.CharFilter(label=_("编号、尾号或标题里的词"), method="by_words")
    state = django_filters.MultipleChoiceFilter(
        label=_("状态"), choices=RequestState.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = django_filters.ChoiceFilter(label=_("类型"), choices=RequestKind.choices, empty_label=_("全部"))
    area = django_filters.CharFilter(label=_("区域"), method="by_area")
    organisation = django_filters.NumberFilter(label=_("承办单位"), field_name="organisation_id")
    category = django_filters.CharFilter(label=_("事项"), field_name="category__code", lookup_expr="startswith")
    overdue = django_filters.BooleanFilter(label=_("只看超期"), method="by_overdue", widget=forms.CheckboxInput)
    since = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="lt")

    rated = django_filters.ChoiceFilter(
        label=_("回访结果"),
        choices=[
            ("valid", _("有效回访")),
            ("contacted", _("联系过")),
            ("solved", _("解决了")),
            ("satisfied", _("满意")),
        ],
        method="by_rating",
    )
    rated_since = django_filters.IsoDateTimeFilter(method="by_nothing")
    rated_until = django_filters.IsoDateTimeFilter(method="by_nothing")

    class Meta:
        model = ServiceRequest
        fields: list[str] = []

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        """Match a whole number, its last four digits, or words of the title."""
        number = parse_number(value)
        if number is not None:
            return queryset.filter(number=number)
        digits = re.sub(r"\D", "", value)
        if len(digits) == 4 and digits == value.strip():
            return queryset.filter(Q(number_tail=digits) | Q(title__contains=digits))
        return queryset.filter(title__contains=value.strip())

    def by_area(self, queryset: Any, name: str, value: str) -> Any:
        """Requests inside an area, by code prefix."""
        return queryset.filter(area_code__startswith=re.sub(r"[^0-9A-Z]", "", value)[:17])

    def by_overdue(self, queryset: Any, name: str, value: bool) -> Any:
        """Open requests whose nearest deadline has passed."""
        return (
            queryset.filter(next_due_at__lt=timezone.now()).exclude(state=RequestState.CALLBACK) if value else queryset
        )

    def by_rating(self, queryset: Any, name: str, value: str) -> Any:
        """Requests whose last call-back is valid (and contacted, solved, satisfied), within rated_since/until."""
        since, until = (self.form.cleaned_data.get(key) for key in ("rated_since", "rated_until"))
        return queryset.filter(pk__in=last_valid_callbacks(value, since, until).values("request_id"))

    def by_nothing(self, queryset: Any, name: str, value: Any) -> Any:
        """Bounds of `rated`, read there."""
        return queryset

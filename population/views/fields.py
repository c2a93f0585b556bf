"""What the registry keeps and why, field by field: for whoever is asked at a door."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from population.field_uses import FIELD_USES
from population.models.settings import registry_settings
from population.permissions import Capability


@requires(Capability.VIEW_QUALITY)
@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """Every field with its purpose, ground, sources, collector and how often it is looked at. 1 SQL a minute."""
    settings = registry_settings()
    groups = [
        (
            model,
            [
                {"use": use, "sources": [one.label for one in use.sources], "months": use.months(settings)}
                for use in uses
            ],
        )
        for model, uses in groupby(FIELD_USES, key=lambda use: use.model_title)
    ]
    return render(request, "population/fields.html", {"groups": groups, "is_confirmed": settings.is_confirmed})

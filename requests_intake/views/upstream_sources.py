"""How the tables of an upstream source read: a page instead of code."""

import secrets

from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from requests_intake.models import UpstreamSource
from requests_intake.permissions import Capability
from requests_intake.selectors.upstream import batches_for, preview_of
from requests_intake.services.upstream_sources import source_save
from requests_intake.upstream_forms import SourceForm


@requires(Capability.IMPORT_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a source, with the titles that such tables usually have."""
    return _edit(request, None)


@requires(Capability.IMPORT_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change how a source's tables read; the last table's first rows stand below."""
    viewer = request.viewer  # type: ignore[attr-defined]
    return _edit(request, get_object_or_404(UpstreamSource.objects.visible_to(viewer), key=key))


def _edit(request: HttpRequest, source: UpstreamSource | None) -> HttpResponse:
    viewer = request.viewer  # type: ignore[attr-defined]
    form = SourceForm(request.POST if request.method == "POST" else None, viewer=viewer, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            saved = source_save(
                source=source,
                key=source.key if source is not None else secrets.token_hex(6),
                name=form.cleaned_data["name"],
                name_en=form.cleaned_data["name_en"],
                area_code=form.cleaned_data["area_code"],
                columns=form.columns,
                values=form.tables,
                actor=viewer,
                at=timezone.now(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            flashes.success(request, _("存好了。已经核对过的批次，要再核对一次才按新的对照。"))
            return redirect("intake:upstream-source", key=saved.key)
    last = batches_for(viewer).filter(source=source).order_by("-received_at").first() if source is not None else None
    titles, preview = preview_of(last) if last is not None else ([], [])
    context = {"form": form, "source": source, "titles": titles, "preview": preview, "last": last}
    return render(request, "requests_intake/upstream_source.html", context, status=422 if form.errors else 200)

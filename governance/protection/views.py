"""The register of processing (个人信息处理登记): read, narrowed, printed, taken along as a table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.audit.permissions import Capability
from governance.files.tables import table_csv
from governance.privacy.register import Declared, Processing
from governance.protection.forms import RegisterForm

RESIDENTS, COLLEAGUES = _("关于居民"), _("关于工作人员")


@requires(Capability.READ_TRAIL)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Everything that is done with people's data, by app and purpose; no SQL beyond the frame of the page."""
    form = RegisterForm(request.GET)
    groups = form.narrowed()
    context = {
        "form": form,
        "groups": groups,
        "count": sum(len(rows) for _app, rows in groups),
        "query": request.GET.urlencode(),
        "now": timezone.now(),
        "is_narrowed": bool(form.cleaned_data.get("app") or form.cleaned_data.get("q")),
    }
    return render(request, "protection/register.html", context)


@requires(Capability.READ_TRAIL)
@require_safe
def register_table(request: HttpRequest) -> HttpResponse:
    """What the page shows as a CSV file."""
    titles = [
        gettext("模块"),
        gettext("用途"),
        gettext("关于谁"),
        gettext("留下什么"),
        gettext("为什么"),
        gettext("依据"),
    ]
    titles += [gettext("从哪里来"), gettext("给谁看"), gettext("留多久"), gettext("数据表和列")]
    rows = [_cells(app, one) for app, found in RegisterForm(request.GET).narrowed() for one in found]
    response = HttpResponse(table_csv(titles, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="liren-processing.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _cells(app: Declared, one: Processing) -> list[str]:
    whose = RESIDENTS if one.is_residents else COLLEAGUES
    fields = "; ".join(f"{model}: {names}" for model, names in one.fields.items())
    words = (app.title, one.title, whose, one.what, one.why, one.basis.label, one.source, one.receivers, one.kept)
    return [*(str(word) for word in words), fields]

"""Names, address and telephone numbers of the portal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden
from governance.web.forms import add_domain_error
from grid.district import district_code
from grid.models import Area
from grid.permissions import Capability
from setup_wizard.forms import ProfileForm
from setup_wizard.models import PortalProfile
from setup_wizard.services.district import district_make
from setup_wizard.services.profile import profile_set
from setup_wizard.steps import STEPS, next_step


@requires(Capability.CHANGE_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def district(request: HttpRequest) -> HttpResponse:
    """Show and save them. Whoever came by `create_administrator` has a code, and names the district here first."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    code = next(iter(viewer.areas(Capability.CHANGE_AREA)), "")[:6]
    area = Area.objects.filter(code=code).first()
    profile = PortalProfile.objects.filter(pk=PortalProfile.ROW).first()
    names = (area.name, area.name_en) if area else ("", "")
    form = ProfileForm(request.POST if request.method == "POST" else None, profile=profile, district=names)
    if request.method == "POST" and form.is_valid():
        try:
            if area is None:
                district_make(code=code, name=form.cleaned_data["place"], actor=viewer, at=at)
            profile_set(values=form.cleaned_data, actor=viewer, at=at)
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已保存；一分钟内每一页都换成新的"))
            following = next_step("district")
            return redirect(following.url_name if following else "setup:overview")
    context = {"form": form, "code": district_code() if area else code, "step": STEPS["district"]}
    return render(request, "setup_wizard/district.html", context, status=422 if form.errors else 200)

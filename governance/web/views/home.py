"""The front door: one filled entry, the others quiet."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.web.home import front_instead, panels_for
from governance.web.navigation import resolve


@dataclass(frozen=True, slots=True)
class Entry:
    """One big button; `large` is its second line in 大字版."""

    url_name: str
    query: str
    icon: str
    title: str | Promise
    note: str | Promise
    large: str | Promise

    @property
    def url(self) -> str:
        """Address, or "" where the app behind it is not installed."""
        url = resolve(self.url_name)
        return f"{url}{self.query}" if url else ""


ENTRIES = (
    Entry("intake:start", "", "pencil", _("我要反映"), _("坏了、吵了、要人帮忙"), _("坏了、吵了、要帮忙")),
    Entry("intake:start", "?kind=enquiry", "question", _("我要问"), _("要什么材料，该找谁办"), _("材料、时间、找谁")),
    Entry(
        "intake:public",
        "",
        "neighbours",
        _("看看邻居们"),
        _("反映了什么，办得怎么样"),
        _("反映了什么，办到哪了"),
    ),
    Entry("intake:lookup", "", "track", _("查进展"), _("凭受理编号和留的电话"), _("我说的事办到哪了")),
)


@public("the front page of the portal")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Entries first; the large edition shows nothing else above the fold."""
    if instead := front_instead():
        return render(request, instead)
    large = request.preferences.is_large  # type: ignore[attr-defined]
    context = {"entries": [entry for entry in ENTRIES if entry.url], "panels": panels_for(request.viewer)}  # type: ignore[attr-defined]
    return render(request, "web/home_large.html" if large else "web/home.html", context)

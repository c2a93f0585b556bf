"""Messages that did not go out: a resident who heard nothing thinks that nothing happens."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.figures import Figure
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from governance.notifications.permissions import Capability
from governance.notifications.selectors import failed_in_log
from requests_intake.panels.rows import cases


class NoticesPanel(Panel):
    """What failed and was not sent again, in all areas of the viewer."""

    key = "intake-notices"
    title = _("没有发出去的消息")
    capability = Capability.VIEW_LOG
    order = 64
    span = 6
    lazy = True
    frame = False
    template = "requests_intake/panels/notices.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the figure: 1 SQL."""
        number = failed_in_log(viewer)
        note = _("请到记录里看原因、重发") if number else _("都发出去了")
        url = f"{reverse('notifications:log')}?state=failed"
        return {"figures": [Figure(self.title, number, cases(number), note=note, url=url)]}

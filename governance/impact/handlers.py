"""What happens when the territory has changed: a worker takes all rows along."""

from typing import Any

from django.utils import timezone

from governance.access.viewer import viewer_for
from governance.impact.services import recoding_start
from governance.impact.succession import Succession
from governance.outbox.subscriptions import subscribe


@subscribe("grid.territory_changed")
def take_rows_along(event: Any) -> None:
    """Start the job in the name of whoever changed the territory. Called twice, the second one finds nothing to do."""
    succession = Succession(tuple(event.payload["code_map"]), tuple(event.payload["relocated"]))
    at = timezone.now()
    if event.actor is not None:
        recoding_start(succession=succession, actor=viewer_for(event.actor, at), at=at)

"""The figures of the public statistics page: made anew now and then, never while a page is read."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from requests_intake.models import PublicFigures

WINDOW = timedelta(days=365)
_SQL = """
SELECT substr(area_code, 1, 12), substr(category_code, 1, 2),
       grouping(substr(area_code, 1, 12)), grouping(substr(category_code, 1, 2)),
       count(*),
       count(answered_at),
       count(*) FILTER (WHERE progress = 'done'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - submitted_at)::float8)
           FILTER (WHERE answered_at IS NOT NULL)
FROM requests_intake_publication
WHERE state = 'released' AND submitted_at >= %s AND submitted_at < %s
GROUP BY GROUPING SETS ((), (substr(area_code, 1, 12)), (substr(category_code, 1, 2)))
"""


def figures_refresh(*, at: datetime) -> PublicFigures:
    """Count what was released of the last 365 days: in all, by community, by first level of the catalogue. 2 SQL.

    Only released requests count: no figure speaks of a private one. Medians are days from submission to answer.
    """
    since = at - WINDOW
    data: dict[str, Any] = {"all": _cell(0, 0, 0, None), "areas": {}, "categories": {}}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [since, at])
        for area, category, no_area, no_category, *numbers in cursor.fetchall():
            cell = _cell(*numbers)
            if no_area and no_category:
                data["all"] = cell
            elif no_category:
                data["areas"][area] = cell
            else:
                data["categories"][category] = cell
    figures, _created = PublicFigures.objects.update_or_create(
        pk=PublicFigures.ROW, defaults={"as_of": at, "since": since, "data": data}
    )
    return figures


def _cell(received: int, answered: int, done: int, seconds: float | None) -> dict[str, Any]:
    return {"received": received, "answered": answered, "done": done, "days": seconds / 86400 if seconds else None}

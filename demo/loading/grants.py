"""What the pages about grants show on the first day: a stand-in, a grant that ends soon, a review."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from demo.staff import staff_by_role
from governance.access import areas
from governance.access.models import Role, User
from governance.access.services import grant_create
from governance.access.services.reviewing import review_open
from governance.access.services.standing_in import stand_in_give
from governance.access.viewer import viewer_for


def load_grants(people: dict[str, User], at: datetime) -> None:
    """Arrange them as the security administrator would."""
    actor = viewer_for(people[staff_by_role("security_admin")[0].key], at)
    away, substitute, helping = (people[person.key] for person in staff_by_role("grid_worker")[1:4])
    own = [grant.pk for grant in away.grants.all()]
    stand_in_give(
        person=away,
        substitute=substitute,
        grants=own,
        starts_at=at - timedelta(days=2),
        ends_at=at + timedelta(days=20),
        reason="年休假",
        actor=actor,
        at=at,
    )
    clerk = Role.objects.get(key="counter_clerk")
    district = next(code for code, _name in areas.children(""))
    grant_create(
        user=helping,
        role=clerk,
        area_code=helping.grants.order_by("pk")[0].area_code,
        organisation=None,
        starts_at=at - timedelta(days=20),
        ends_at=at + timedelta(days=9),
        reason="窗口同事休产假，帮忙登记",
        actor=actor,
        at=at,
    )
    review_open(
        title="窗口登记员授权核查",
        due_on=timezone.localdate(at) + timedelta(days=20),
        area_code=district,
        organisation=None,
        role=clerk,
        ends_undecided=False,
        submission_key=uuid.uuid4(),
        actor=actor,
        at=at,
    )

"""What two residents asked at a counter about their own data: one waits for an answer, one was refused."""

import uuid
from datetime import datetime, timedelta

from demo.people import UNUSED_PREFIXES
from demo.staff import staff_by_role
from governance.access.models import User
from governance.access.viewer import viewer_for
from governance.protection.person_requests.services import person_request_decide, person_request_take


def load_person_requests(people: dict[str, User], at: datetime) -> None:
    """Take them down two weeks ago and yesterday; the older one is answered."""
    clerk, keeper = (viewer_for(people[staff_by_role(role)[0].key], at) for role in ("counter_clerk", "security_admin"))
    known = {"identity": "document", "identity_note": "身份证", "is_number_proved": True, "language": "zh-hans"}
    older = person_request_take(
        kind="delete",
        name="孟秀兰",
        contact=f"{UNUSED_PREFIXES[0]}20881704",
        words="前年反映过楼道堆杂物，已经搬走了，请把那件事连我的名字、电话都删掉。",
        submission_key=uuid.uuid4(),
        actor=clerk,
        at=at - timedelta(days=14),
        **known,
    )
    person_request_decide(
        request=older,
        decision="refused",
        ground="retention",
        reason="办件的经过按档案规定要留，还没有到期。您的电话在那件事办结的时候已经去掉了，现在没有人看得到。",
        actor=keeper,
        at=at - timedelta(days=11),
    )
    person_request_take(
        kind="correct",
        name="龚立民",
        contact=f"{UNUSED_PREFIXES[1]}70315562",
        words="上个月登记的门牌写成了 12 栋，我住 21 栋，怕通知送错。",
        submission_key=uuid.uuid4(),
        actor=clerk,
        at=at - timedelta(days=1),
        **known,
    )

"""Impact assessments of the first day: the uses in `WORDS` are open, one of them is to be assessed anew soon."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from demo.staff import staff_by_role
from governance.access.models import User
from governance.access.viewer import viewer_for
from governance.protection.assessments.services import assessment_decide, assessment_file
from requests_intake.personal import ACTING_RULES, OUTSIDE_LINKS

WORDS = {
    ACTING_RULES: {
        "necessity": "路灯故障都由同一家单位修，等派单员看一遍平均要多等四十分钟，夜里要等到早上。只用事项和地点判断，"
        "不用姓名、电话和以往的诉求。少用信息的办法是只建议，夜里就没有人确认。",
        "risks": "最大的风险是派错：写的是路灯，其实是线路冒火，耽误处置。派给谁不影响本人的权利，派错了可以改派。",
        "measures": "举报、可能有危险的、要打 110 的都不直派；先用最近 30 天试过才能开；出错自动停用并通知；"
        "经过里写明是哪条规则，诉求人可以要求由人重看。风险小，这些措施够用。",
    },
    OUTSIDE_LINKS: {
        "necessity": "物业、燃气、供电不在门户里办事，居民的事要它们处理。只给一件事的内容和地点；要上门的，"
        "才给称呼和电话。",
        "risks": "链接可能被转给别人，外单位可能把电话存下来另作他用，被反映的单位可能去找诉求人。",
        "measures": "链接有时限、可以收回，打开要验证，每次打开都记；举报和反映这个单位自己的，不给电话；"
        "和每家签了保密约定，办完不留。",
    },
}

# Filed so many days ago, valid for so many days from then.
FILED = {ACTING_RULES: (160, 365), OUTSIDE_LINKS: (340, 361)}
USUAL = (120, 365)


def load_assessments(people: dict[str, User], at: datetime) -> None:
    """File and approve them months ago; the second runs out in three weeks, and the next one waits for approval."""
    writer, approver = (staff_by_role(role)[0].key for role in ("security_admin", "district_viewer"))
    for use, words in WORDS.items():
        days, lasting = FILED.get(use, USUAL)
        then = at - timedelta(days)
        row = assessment_file(
            use=use,
            words=words,
            valid_until=timezone.localdate(then) + timedelta(lasting),
            submission_key=uuid.uuid4(),
            actor=viewer_for(people[writer], at),
            at=then,
        )
        assessment_decide(
            assessment=row,
            approve=True,
            note="写得清楚，同意。",
            actor=viewer_for(people[approver], at),
            at=then + timedelta(days=1),
        )
    assessment_file(
        use=OUTSIDE_LINKS,
        words=WORDS[OUTSIDE_LINKS],
        valid_until=timezone.localdate(at) + timedelta(365),
        submission_key=uuid.uuid4(),
        actor=viewer_for(people[writer], at),
        at=at - timedelta(hours=20),
    )

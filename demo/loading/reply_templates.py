"""Reply templates that every office finds on its first day."""

from datetime import datetime

from governance.access.models import User
from governance.access.viewer import viewer_for
from requests_intake.services.reply_templates import reply_template_save

TEMPLATES = (
    (
        "办好了",
        "您好，您反映的{事项}（{编号}），{承办单位}已经办好。还有问题，请在原来的编号下告诉我们。",
        "Hello, {office} has put right what you reported ({number}). Anything left? Tell us under this number.",
        "",
    ),
    (
        "约了上门的日子",
        "您好，{经办人}会上门看{地点}的情况，最晚{期限}给您答复。日子不方便，请回电话改。",
        "Hello, {handler} will come and look at {place}, and answer you by {due}. Call us to change the day.",
        "help",
    ),
    (
        "咨询的答复",
        "您好，您问的{事项}，去哪里办、带什么材料，“办事问答”里都有；您的情况有一点不同，请按下面说的办。",
        "Hello, where to go for {category} and what to bring stands under Answers; in your case please do as follows.",
        "enquiry",
    ),
)


def load_reply_templates(people: dict[str, User], at: datetime) -> None:
    """Write the demo's templates, as if the person who runs the catalogue had written them."""
    editor = viewer_for(next(user for user in people.values() if user.email.startswith("operations_admin@")), at)
    for title, text, text_en, kind in TEMPLATES:
        reply_template_save(
            template=None,
            title=title,
            text=text,
            text_en=text_en,
            category_prefix="",
            organisation_id=None,
            is_active=True,
            kind=kind,
            actor=editor,
            at=at,
        )

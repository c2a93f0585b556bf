"""Limits and texts of turns that every portal starts with; an office edits the rows, never the code."""

from django.db import migrations

LIMITS = [
    # key, name, name_en, amount, unit; none of them is confirmed by an official text yet [GK]
    ("decide", "退单、争议定夺", "Deciding a return or dispute", 8, "working_hour"),
    ("result", "协办结果", "Results of helping organisations", 3, "working_day"),
    ("return", "申请退单", "Asking to return an order", 24, "natural_hour"),
    ("return_urgent", "申请退单（紧急）", "Asking to return an urgent order", 1, "natural_hour"),
    ("reopen", "办结后可重新打开", "Reopening after closing", 30, "natural_day"),
    ("reopen_max", "最多重新打开", "Times a request may be reopened", 2, "times"),
    ("remind", "两次提醒之间", "Between two reminders", 24, "natural_hour"),
    ("archive", "办结后归档", "Archiving after closing", 90, "natural_day"),
]

REASONS = [
    (
        "emergency",
        "您反映的情况要马上处置，请直接拨打 110（报警）、119（火警）、120（急救）或 122（交通事故）。这些电话比我们快，"
        "我们不再派单。",
        "What you describe needs help at once: please call 110 (police), 119 (fire), 120 (ambulance) or 122 (traffic "
        "accidents). They are faster than we are, so we send no order.",
    ),
    (
        "legal",
        "这件事应当通过诉讼、仲裁、行政复议、纪检监察、信息公开或信访渠道解决，或者已经进入这些渠道，我们不能另外派单。"
        "请向正在处理的机关询问进展；不清楚找谁的，打电话给我们，我们告诉您。",
        "This matter belongs to, or is already with, the courts, arbitration, administrative review, discipline "
        "inspection, information disclosure or the petitions office. Please ask the body that deals with it; if you do "
        "not know which one that is, call us and we will tell you.",
    ),
    (
        "same",
        "同一件事正在办理或已经办结，这次没有新的情况，所以不再另外派单。原来那件的进展可以用受理编号查询；有新情况请写明，"
        "我们重新看。",
        "The same matter is being dealt with or has been closed, and there is nothing new in this report, so no further "
        "order is sent. Follow the first one by its number; if something has changed, tell us and we will look again.",
    ),
    (
        "secret",
        "您反映的内容涉及国家秘密、商业秘密或他人隐私，不能在这里办理和公开。请不要在网上再写这些内容；需要反映的，"
        "请到窗口当面说明。",
        "What you wrote touches on state secrets, business secrets or somebody's privacy and cannot be dealt with here. "
        "Please do not write about it online again; you can explain it to us in person at the counter.",
    ),
    (
        "beyond",
        "这件事不属于政府部门的职责，可以通过市场或社会服务解决，比如联系物业、商家、专业公司或社会组织。需要帮忙找的，"
        "打电话给我们。",
        "This is not among the duties of a public office. A property manager, shop, specialist firm or social "
        "organisation can help; call us if you need one found.",
    ),
    (
        "unlawful",
        "您的要求与法律法规或公序良俗不符，我们不能派单办理。需要了解有关规定的，打电话给我们，我们解释给您听。",
        "What you ask for would break the law or public order, so we cannot send it to anybody. If you would like to "
        "know the rules, call us and we will explain them.",
    ),
]


def fill(apps, schema_editor):
    TurnLimit = apps.get_model("requests_intake", "TurnLimit")
    TurnLimit.objects.bulk_create(
        TurnLimit(key=key, name=name, name_en=name_en, amount=amount, unit=unit)
        for key, name, name_en, amount, unit in LIMITS
    )
    ReasonText = apps.get_model("requests_intake", "ReasonText")
    ReasonText.objects.bulk_create(ReasonText(reason=reason, text=text, text_en=en) for reason, text, en in REASONS)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0008_turns")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""The fields that an upstream table may hold, the titles they usually have, and which we hand back (STANDARDS 1.4)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NUMBER, BODY = "upstream_no", "body"
REQUIRED = (NUMBER, BODY)

INCOMING: dict[str, Any] = {
    NUMBER: _("上级工单编号"),
    "case_no": _("案件编号"),
    "title": _("标题"),
    BODY: _("主要内容"),
    "kind": _("诉求类型"),
    "category": _("事项"),
    "area": _("区域"),
    "organisation": _("承办单位"),
    "address": _("地址"),
    "lng": _("经度"),
    "lat": _("纬度"),
    "name": _("来电人"),
    "phone": _("来电人电话"),
    "channel": _("上级的来源渠道"),
    "called_at": _("来电时间"),
    "dispatched_at": _("上级派单时间"),
    "due_at": _("上级截止时间"),
    "urgent": _("要先看到的"),
}

RETURNED: dict[str, Any] = {
    "state": _("办理状态"),
    "office": _("承办单位（送回）"),
    "reply": _("回复内容"),
    "contacted": _("是否联系"),
    "solved": _("是否解决"),
    "satisfied": _("是否满意"),
    "closed_at": _("办结时间"),
}

# Fields whose words are looked up in a table of values, and what the table leads to.
VALUED: dict[str, Any] = {
    "kind": _("诉求类型"),
    "category": _("事项编码"),
    "area": _("区域编码"),
    "organisation": _("单位名称"),
    "channel": _("来源渠道"),
}

# A Beijing sub-district's export; an office changes it on the page of the source.
USUAL_TITLES: dict[str, Any] = {
    NUMBER: "工单编号",
    "case_no": "案件编号",
    "title": "标题",
    BODY: "主要内容",
    "kind": "工单类型",
    "category": "一级分类+二级分类+三级分类",
    "area": "处理社区",
    "organisation": "承办单位",
    "address": "发生地址",
    "name": "来电人",
    "phone": "联系方式",
    "channel": "数据来源",
    "called_at": "来电时间",
    "dispatched_at": "派单时间",
    "due_at": "截止时间",
    "urgent": "紧急程度",
    "state": "办理状态",
    "office": "处理科室",
    "reply": "回复内容",
    "contacted": "是否联系",
    "solved": "是否解决",
    "satisfied": "是否满意",
    "closed_at": "办结时间",
}


def titles_of(columns: dict[str, str], name: str) -> list[str]:
    """Return the titles from which a field is read: several, joined by +, where a system spreads it over columns."""
    return [title.strip() for title in columns.get(name, "").split("+") if title.strip()]

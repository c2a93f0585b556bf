"""What may be done with the territory, and which built-in roles may do it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from governance.access.permissions import ROLES


class Capability(StrEnum):
    """Capabilities of the grid app."""

    VIEW_AREA = "grid.view_area"
    CHANGE_AREA = "grid.change_area"
    APPOINT_POSTS = "grid.appoint_posts"
    VIEW_COMPONENT = "grid.view_component"
    EDIT_COMPONENT = "grid.edit_component"
    INSPECT_COMPONENT = "grid.inspect_component"
    EDIT_CODES = "grid.edit_codes"
    REPORT_FINDING = "grid.report_finding"
    VIEW_FINDING = "grid.view_finding"
    VIEW_DISPUTE = "grid.view_dispute"
    CHECK_ON_SITE = "grid.check_on_site"
    VIEW_TASK = "grid.view_task"
    ASK_TASK = "grid.ask_task"
    DO_TASK = "grid.do_task"
    ADMIT_TASK = "grid.admit_task"
    EDIT_DUTIES = "grid.edit_duties"
    PLAN_PATROL = "grid.plan_patrol"
    VIEW_BURDEN = "grid.view_burden"


TITLE = _("网格和地图")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_AREA: (_("看地图"), _("在自己的范围内看街道、社区和网格的名称与边界")),
    Capability.CHANGE_AREA: (_("改区域"), _("新增、导入和修改街道、社区、网格的名称与边界")),
    Capability.APPOINT_POSTS: (
        _("任命网格岗位"),
        _("在自己的范围内任命网格长、网格员、楼栋长和指导员，延期、离任、安排代班；任命同时给授权，离任同时收回"),
    ),
    Capability.VIEW_COMPONENT: (_("看部件"), _("在自己的范围内看井盖、路灯、健身设施等部件，谁管、谁修、状态怎样")),
    Capability.EDIT_COMPONENT: (_("登记部件"), _("登记、导入和修改部件，记状态，定几天检查一次")),
    Capability.INSPECT_COMPONENT: (_("检查部件"), _("记一次检查：看过了，是好的还是坏的")),
    Capability.REPORT_FINDING: (
        _("记巡查发现"),
        _("在走访和巡查时记下看到的事项、隐患和纠纷线索；不记轨迹，不打卡，不排名"),
    ),
    Capability.VIEW_FINDING: (_("看巡查发现"), _("在自己的范围内看巡查记下的事项和隐患，办到哪里了")),
    Capability.VIEW_DISPUTE: (_("看纠纷线索"), _("在自己的范围内看别人记下的纠纷线索；自己记的不用它也看得到")),
    Capability.CHECK_ON_SITE: (
        _("现场核实"),
        _("到现场看一看：立案前属不属实，结案前解决了没有；自己或者自己单位派过、办过的不能核查"),
    ),
    Capability.VIEW_TASK: (_("看任务"), _("在自己的范围内看下达给社区和网格的任务、谁要的、办得怎样")),
    Capability.ASK_TASK: (_("下达任务"), _("给自己范围内的社区或网格下达任务，看答复，定延期，撤销")),
    Capability.DO_TASK: (_("办任务"), _("办给自己社区或网格的任务：答复、申请延期、说找错了人、拒绝没有准入的")),
    Capability.ADMIT_TASK: (_("决定准入"), _("决定清单上没有的事能不能让社区做；自己申请的不能自己决定")),
    Capability.VIEW_BURDEN: (
        _("看社区负担"),
        _("在自己的范围内看社区每个月被要求做多少事、填多少表、花多少小时，和考核登记"),
    ),
    Capability.EDIT_DUTIES: (_("管社区清单"), _("定哪些履职事项可以让社区做，改任务的规则")),
    Capability.PLAN_PATROL: (
        _("安排巡查"),
        _("在自己的范围内定巡查片区，排巡查路线和几天看一次；评价网格由街道以上定"),
    ),
    Capability.EDIT_CODES: (_("管代码表"), _("装入、核对部件和事项的代码表，加本地的种类，写新旧代码的对应")),
}

# What touches people's own data: said before a role gets it.
SENSITIVE = frozenset({Capability.VIEW_DISPUTE})

_ASK = [Capability.VIEW_TASK, Capability.ASK_TASK, Capability.VIEW_BURDEN]
_LOOK = [Capability.VIEW_AREA, Capability.VIEW_COMPONENT]
_READ = [*_LOOK, Capability.VIEW_TASK]
_WALK = [*_LOOK, Capability.INSPECT_COMPONENT]
_KEEP = [*_WALK, Capability.EDIT_COMPONENT]
_PATROL = [Capability.REPORT_FINDING, Capability.VIEW_FINDING]
_LEAD = [
    *_KEEP,
    *_PATROL,
    Capability.CHECK_ON_SITE,
    Capability.APPOINT_POSTS,
    Capability.VIEW_DISPUTE,
    Capability.PLAN_PATROL,
]

BUILT_IN = {
    **{role: [Capability.VIEW_AREA] for role in ROLES},
    "counter_clerk": _LOOK,
    "district_viewer": [*_READ, Capability.VIEW_BURDEN],
    "dispatcher": [*_READ, Capability.VIEW_FINDING],
    "handler": _WALK,
    "grid_worker": [*_WALK, *_PATROL, Capability.CHECK_ON_SITE, Capability.VIEW_TASK, Capability.DO_TASK],
    "community_head": [*_LEAD, *_ASK, Capability.DO_TASK],
    "supervisor": [*_LEAD, *_ASK, Capability.ADMIT_TASK],
    # what neighbours quarrel about is no business of whoever keeps the portal running
    "administrator": [one for one in Capability if one is not Capability.VIEW_DISPUTE],
    "operations_admin": [*_KEEP, Capability.EDIT_CODES, Capability.VIEW_TASK, Capability.EDIT_DUTIES],
    "system_admin": [Capability.VIEW_AREA, Capability.CHANGE_AREA],
    "security_admin": [Capability.VIEW_AREA, Capability.APPOINT_POSTS],
}

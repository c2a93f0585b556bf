"""What the trail says of the territory."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects
from grid.models import Component

tell(
    {
        "grid.territory_changed": _("改动区域和网格"),
        "grid.rows_left": _("改区域以后还有记录留在原处"),
        "grid.post_appointed": _("任命网格岗位"),
        "grid.post_ended": _("网格岗位离任"),
        "grid.post_extended": _("网格岗位延期"),
        "grid.post_released": _("改网格岗位对外公布的内容"),
        "grid.code_list_loaded": _("装入了代码表"),
        "grid.code_list_confirmed": _("核对了代码表"),
        "grid.code_item_added": _("加了本地的种类"),
        "grid.code_item_changed": _("改了一个种类"),
        "grid.code_succession_set": _("写了新旧代码的对应"),
        "grid.code_succession_dropped": _("去掉了新旧代码的对应"),
        "grid.check_asked": _("请人现场核实"),
        "grid.check_completed": _("到现场核实了"),
        "grid.check_withdrawn": _("不用现场核实了"),
        "grid.component_entered": _("登记了部件"),
        "grid.component_changed": _("改了部件"),
        "grid.component_inspected": _("检查了部件"),
        "grid.components_exported": _("导出了部件"),
        "grid.finding_reported": _("巡查上报了事项"),
        "grid.hazard_reported": _("巡查上报了隐患"),
        "grid.dispute_reported": _("巡查记下了纠纷线索"),
        "grid.finding_settled": _("巡查当场处理了"),
        "grid.duty_sorted": _("改了事项在社区清单上的位置"),
        "grid.task_policy_changed": _("改了任务的规则"),
        "grid.task_sent": _("下达了任务"),
        "grid.task_assigned": _("收到任务"),
        "grid.task_cancelled": _("撤销了任务"),
        "grid.task_repeat_stopped": _("任务不再重复"),
        "grid.admission_asked": _("申请准入"),
        "grid.admission_decided": _("决定了准入"),
        "grid.assignment_answered": _("答复了任务"),
        "grid.assignment_accepted": _("任务的答复通过了"),
        "grid.assignment_reworked": _("任务退回补办"),
        "grid.assignment_handed_back": _("说任务找错了人"),
        "grid.assignment_sent_again": _("任务又发了一次"),
        "grid.assignment_refused": _("没有准入，不办"),
        "grid.assignment_cancelled": _("撤销了给一家的任务"),
        "grid.assignment_due": _("提醒了任务的期限"),
        "grid.extension_asked": _("任务申请延期"),
        "grid.extension_decided": _("答复了任务的延期"),
        "grid.area_set_written": _("定了片区和它的网格"),
        "grid.area_set_ended": _("停用了片区"),
        "grid.patrol_route_changed": _("改了巡查路线"),
        "grid.route_point_seen": _("看过了巡查路线上的一处"),
        "grid.appraisal_registered": _("登记了对社区的考核"),
    }
)


def _identities(pks: list[int]) -> Mapping[int, str]:
    return dict(Component.objects.filter(pk__in=pks).values_list("pk", "identity"))


tell_keys(
    {
        "created": Key(_("新建数")),
        "changed": Key(_("改动数")),
        "ended": Key(_("停用数")),
        "code_map": Key(_("编码的去向")),
        "relocated": Key(_("按位置重新归属的编码")),
        "is_public": Key(_("对外公布")),
        "has_phone": Key(_("公布了电话")),
        "geometry_version": Key(_("边界版本")),
        "subject": Key(_("为哪件事")),
        "result": Key(_("看到什么")),
        "left": Key(_("留在原处的记录数")),
        "models": Key(_("记录的种类")),
        "items": Key(_("几种")),
        "format": Key(_("格式")),
        "inspect_due": Key(_("下次检查")),
        "uuid": Key(_("发现的编号")),
        "matter": Key(_("事项代码")),
        "component": Key(_("部件标识码")),
        "has_point": Key(_("有位置")),
        "has_place": Key(_("写了地点")),
        "has_text": Key(_("写了内容")),
        "has_photos": Key(_("有照片")),
        "community_list": Key(_("社区清单")),
        "addressees": Key(_("给几家")),
        "admission": Key(_("准入")),
        "task_id": Key(_("哪个任务")),
        "round": Key(_("第几轮")),
        "reasons": Key(_("为什么要申请")),
        "is_admitted": Key(_("准入了没有")),
        "is_given": Key(_("同意了没有")),
        "is_over": Key(_("过了期限")),
        "members": Key(_("几个网格")),
        "starts_on": Key(_("从哪天起")),
        "ends_on": Key(_("从哪天起停用")),
        "points": Key(_("几处")),
        "is_ended": Key(_("停用了")),
        "route": Key(_("路线的编号")),
        "is_undone": Key(_("撤回了")),
        "next_on": Key(_("下次哪天看")),
    }
)
tell_subjects(
    {
        "grid.area": Subject(_("区域")),
        "grid.areachange": Subject(_("区域改动")),
        "grid.post": Subject(_("网格岗位")),
        "grid.codelist": Subject(_("代码表")),
        "grid.codeitem": Subject(_("代码表里的种类")),
        "grid.codesuccession": Subject(_("新旧代码的对应")),
        "grid.componentexport": Subject(_("部件的导出")),
        "grid.component": Subject(_("部件"), names=_identities),
        "grid.finding": Subject(_("巡查发现")),
        "grid.check": Subject(_("现场核实")),
        "grid.dutyitem": Subject(_("履职事项")),
        "grid.taskpolicy": Subject(_("任务的规则")),
        "grid.task": Subject(_("任务")),
        "grid.assignment": Subject(_("给一家的任务")),
        "grid.application": Subject(_("准入申请")),
        "grid.areaset": Subject(_("网格片区")),
        "grid.patrolroute": Subject(_("巡查路线")),
        "grid.routepoint": Subject(_("巡查路线上的一处")),
        "grid.appraisal": Subject(_("对社区的考核")),
    }
)

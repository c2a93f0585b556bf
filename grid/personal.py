"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("区域和网格")

PERSONAL: tuple[Processing, ...] = (
    Processing(
        title=_("谁管哪个网格"),
        what=_("网格长、网格员、楼栋长、指导员的姓名和对外的电话，任期，任命和离任的依据"),
        why=_("让居民知道找谁；岗位定了谁能办什么"),
        basis=Basis.DUTY,
        source=_("任命岗位的街道、社区；楼栋长自己同意公布"),
        receivers=_("同意公布的，所有人；其余的，管这一片的工作人员"),
        kept=_("离任以后留作历史，期限按单位的档案规定；门户自己不删"),
        fields={"grid.Post": "holder_name public_phone reason end_reason"},
    ),
    Processing(
        title=_("走访和巡查时看到的"),
        what=_("看到了什么、在哪里、当场做了什么，照片；纠纷线索只说事，不写谁家、不写姓名电话"),
        why=_("把看到的事交给该管的单位办；纠纷早一点有人去劝"),
        basis=Basis.DUTY,
        source=_("网格员走访、巡查时自己看到、听到"),
        receivers=_("管这一片的工作人员、经办的单位；纠纷线索只有记的人、社区负责人和街道督办看得到"),
        kept=_("跟由它立的办件一起留，期限按单位的档案规定；门户自己不删"),
        fields={"grid.Finding": "place text done_on_spot"},
    ),
    Processing(
        title=_("现场核实"),
        what=_("请人去看什么、在哪里（姓名号码遮着），谁去看的、看到什么、照片"),
        why=_("立案前看属不属实，结案前看解决了没有；去看的和办的不能是同一个人"),
        basis=Basis.DUTY,
        source=_("派单员写的、网格员到现场看到的"),
        receivers=_("管这一片的网格员和督办，派单和经办的单位"),
        kept=_("跟着要核实的事项一起留，期限按单位的档案规定；门户自己不删"),
        fields={"grid.Check": "what place words"},
    ),
    Processing(
        title=_("任务的答复"),
        what=_("办任务的人写了什么、填了什么；里面可能提到居民"),
        why=_("让下达的人知道办好了没有"),
        basis=Basis.DUTY,
        source=_("社区和网格里办任务的人"),
        receivers=_("管这一片的工作人员"),
        kept=_("和任务一起留，期限按单位的档案规定"),
        fields={"grid.Assignment": "values", "grid.AssignmentEntry": "text"},
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "grid.Area": "code name name_en geometry",
    "grid.AreaChange": "reason codes code_map",
    "grid.AreaVersion": "code name name_en geometry",
    "grid.Post": "area_code",
    "grid.Check": "subject_ref area_code excluded_user_ids excluded_organisation_ids checked_organisation_ids",
    "grid.DutyItem": "code name name_en legal_basis note community_list",
    "grid.TaskPolicy": "why weights_ground",
    "grid.Task": "title purpose legal_ground area_code fields end_reason",
    "grid.Assignment": "area_code",
    "grid.BurdenCell": "area_code",
    "grid.Appraisal": "title area_code ground indicators",
    "grid.Application": "area_code reasons grounds decision",
    "grid.TerritoryImport": "file_name content crs columns repairs",
    "grid.ComponentExport": "format wanted content",
    "grid.ComponentExportPart": "rows",
    "grid.ComponentImport": "file_name content format titles samples columns hints",
    "grid.ComponentImportPart": "rows problems",
    "grid.CodeList": "key standard title title_en source confirmed_note",
    "grid.CodeItem": "code name name_en",
    "grid.CodeSuccession": "old_standard old_code old_name note",
    "grid.Component": "identity name area_code place manager_name manager_code owner_name maintainer_name source note",
    "grid.ComponentEntry": "fields text",
    "grid.Finding": "area_code order_ref order_number",
    "grid.AreaSet": "name name_en area_code",
    "grid.AreaSetMember": "area_code",
    "grid.PatrolRoute": "name area_code",
    "grid.RoutePoint": "name area_code",
}

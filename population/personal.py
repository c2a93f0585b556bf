"""What the registry keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("人房登记")

PERSONAL: tuple[Processing, ...] = (
    Processing(
        title=_("谁住在哪里"),
        what=_("姓名、性别、出生日期、证件、电话，住哪一户、从什么时候到什么时候、和户主的关系、是不是户口在这里"),
        why=_("知道为谁提供公共服务，紧急时知道去哪里找人；居民办事不用重复填"),
        basis=Basis.DUTY,
        source=_("网格员上门核对、窗口办理、本人填写、单位已有的台账、上级或部门给的数据；每条都写着"),
        receivers=_("管这一片的工作人员，姓名、证件、电话遮着，写明用途才打开；您自己"),
        kept=_("住在这里期间；搬走或去世以后留作历史，期限按单位的档案规定"),
        fields={
            "population.Person": "name name_index birth_date document_number document_index phone phone_index",
            "population.Household": "number",
        },
    ),
    Processing(
        title=_("登记改过什么"),
        what=_("一条登记改动以前的内容，什么时候、谁、凭什么改的"),
        why=_("改错了能改回来；看得到某一天登记是什么样"),
        basis=Basis.DUTY,
        source=_("改登记时自动记"),
        receivers=_("管这一片的工作人员"),
        kept=_("和登记本身一起留"),
        fields={"population.Revision": "before", "population.PersonMerge": "before"},
    ),
    Processing(
        title=_("导入的台账"),
        what=_("交来的表格和里面的行：姓名、证件、电话、住址；哪些行没有写、为什么"),
        why=_("单位已有的台账不用重新登记；写错了能改、能撤回"),
        basis=Basis.DUTY,
        source=_("工作人员交来的表格"),
        receivers=_("只有交表的工作人员本人"),
        kept=_("三十天；写好以后文件马上删掉，行和问题留到那时"),
        fields={
            "population.RegistryImport": "file_name samples",
            "population.RegistryImportPiece": "data",
            "population.RegistryImportPart": "rows problems",
        },
    ),
    Processing(
        title=_("单位和地下空间的联系人"),
        what=_("单位负责人、地下空间管理人的姓名和电话"),
        why=_("安全检查和紧急时找得到负责的人"),
        basis=Basis.DUTY,
        source=_("网格员上门核对、单位自己报的"),
        receivers=_("管这一片的工作人员，遮着，写明用途才打开"),
        kept=_("单位在这里期间；以后留作历史，期限按单位的档案规定"),
        fields={
            "population.LegalEntity": "representative phone",
            "population.UndergroundSpace": "keeper_name keeper_phone",
        },
    ),
    Processing(
        title=_("账号和住房的绑定"),
        what=_("哪个居民账号是登记里的哪个人、住哪一户；绑定码只留验证用的摘要"),
        why=_("只有本人看得到、改得了自己的登记；反映问题不用再写地址"),
        basis=Basis.CONSENT,
        source=_("您自己输入密封信里的绑定码并核对身份，或者在窗口出示证件"),
        receivers=_("您自己；管这一片、能办绑定的工作人员，姓名遮着"),
        kept=_("到解除绑定为止；解除以后留下办过的记录"),
        fields={"population.BindingCode": "digest"},
    ),
    Processing(
        title=_("请求更正自己的登记"),
        what=_("您说登记里哪里不对、应该怎么写、说明和照片，社区的答复"),
        why=_("登记不对的能改过来，改没改都答复您（个人信息保护法第四十六条）"),
        basis=Basis.LAW,
        source=_("您自己在网上写的"),
        receivers=_("您自己；管这一片、答复更正的工作人员"),
        kept=_("和登记本身一起留"),
        fields={"population.Correction": "proposed words answer"},
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "population.StandardAddress": "text estate building aliases area_code search_text",
    "population.BindingCode": "area_code",
    "population.Correction": "area_code",
    "population.DwellingBinding": "area_code",
    "population.Compound": "name name_en area_code",
    "population.Building": "area_code skipped_floors",
    "population.Entrance": "name",
    "population.Dwelling": "door area_code",
    "population.Person": "area_code",
    "population.Household": "area_code",
    "population.Residency": "area_code",
    "population.Revision": "kind",
    "population.PersonMerge": "reasons",
    "population.RegistrySettings": "why",
    "population.LegalEntity": "name name_en search_text credit_code trade area_code",
    "population.UndergroundSpace": "label area_code",
    "population.RegistryImport": "kind format titles columns rule kind_default",
    "population.RegistryImportPart": "asks answers written left",
    "population.ImportMapping": "kind signature columns",
}

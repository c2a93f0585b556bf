"""What the trail says of the registry."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_codes, tell_keys, tell_subjects
from population.purposes import PURPOSES

tell(
    {
        "population.addresses_loaded": _("载入地址"),
        "population.person_registered": _("登记了一个人"),
        "population.person_changed": _("改了一个人的登记"),
        "population.person_confirmed": _("核对了一个人的登记"),
        "population.person_died": _("登记了去世"),
        "population.person_merged": _("并到另一个人的登记里"),
        "population.person_parted": _("合并的登记拆开了"),
        "population.moved_in": _("登记了搬入"),
        "population.moved_out": _("登记了搬出"),
        "population.household_formed": _("立户"),
        "population.household_ended": _("销户"),
        "population.head_changed": _("换了户主"),
        "population.compound_registered": _("登记了一个小区"),
        "population.building_registered": _("登记了一栋楼"),
        "population.building_changed": _("改了一栋楼的登记"),
        "population.entrance_added": _("加了一个单元"),
        "population.dwellings_generated": _("按楼层登记了户室"),
        "population.dwelling_registered": _("登记了一户"),
        "population.dwelling_changed": _("改了一户的登记"),
        "population.dwelling_confirmed": _("核对了一户"),
        "population.dwelling_ended": _("登记一户不再存在"),
        "population.registry_imported": _("导入了一张台账"),
        "population.import_undone": _("撤回了一次导入"),
    }
)

tell_keys(
    {
        "person": Key(_("谁")),
        "dwelling": Key(_("哪一户")),
        "from_date": Key(_("从哪天起")),
        "to_date": Key(_("到哪天为止")),
        "ended_on": Key(_("哪一天不再存在")),
        "died_on": Key(_("死亡日期")),
        "made": Key(_("新建的行数")),
        "updated": Key(_("有改动的行数")),
        "refused": Key(_("没有写的行数")),
        "remaining": Key(_("没有撤回的行数")),
    }
)
tell_subjects(
    {
        "population.address": Subject(_("地址")),
        "population.compound": Subject(_("小区")),
        "population.building": Subject(_("楼栋")),
        "population.dwelling": Subject(_("户室")),
        "population.household": Subject(_("户")),
        "population.person": Subject(_("登记的人")),
        "population.residency": Subject(_("居住登记")),
        "population.legalentity": Subject(_("单位")),
        "population.undergroundspace": Subject(_("地下空间")),
        "population.registryimport": Subject(_("导入的台账")),
    }
)

# Of bindings between accounts and people.
tell(
    {
        "population.binding_code_issued": _("发了绑定码"),
        "population.binding_code_revoked": _("作废了绑定码"),
        "population.binding_code_refused": _("绑定码没有对上"),
        "population.dwelling_bound": _("账号绑定了住房"),
        "population.dwelling_unbound": _("解除了住房绑定"),
        "population.correction_proposed": _("居民请改自己的登记"),
        "population.correction_withdrawn": _("居民撤回了更正"),
        "population.correction_accepted": _("照居民说的改了登记"),
        "population.correction_refused": _("没有照居民说的改"),
    }
)
tell_codes(
    {
        **PURPOSES,
        "registry_correction": _("答复本人提的更正"),
        "birth_date": _("出生日期"),
        "document_number": _("证件号码"),
    }
)
tell_keys({"tries": Key(_("错了几次")), "method": Key(_("怎么核对的身份"))})
tell_subjects(
    {
        "population.bindingcode": Subject(_("绑定码")),
        "population.correction": Subject(_("居民提的更正")),
        "population.dwellingbinding": Subject(_("账号和住房的绑定")),
    }
)

# Of legal entities and underground spaces, and of looking at what is masked.
tell(
    {
        "population.entity_registered": _("登记了单位"),
        "population.entity_changed": _("改了单位的登记"),
        "population.entity_confirmed": _("核对了单位的登记"),
        "population.space_registered": _("登记了地下空间"),
        "population.space_changed": _("改了地下空间的登记"),
        "population.space_inspected": _("检查了地下空间"),
    }
)
tell(
    {
        "population.person_revealed": _("打开了一个人的信息"),
        "population.contact_revealed": _("打开了单位、地下空间联系人的信息"),
    },
    kind=TrailKind.READ,
)
tell_codes(
    {
        "representative": _("负责人"),
        "keeper_name": _("管理人"),
        "keeper_phone": _("管理人电话"),
    }
)

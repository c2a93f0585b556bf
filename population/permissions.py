"""What may be done with the registry of people, housing and legal entities, and which built-in roles may do it.

Whoever only keeps the portal running reads nobody: administrators get what names no person.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of the population app."""

    VIEW_REGISTRY = "population.view_registry"
    REVEAL_PERSON = "population.reveal_person"
    CHANGE_REGISTRY = "population.change_registry"
    CHECK_BUILDING = "population.check_building"
    VIEW_CARE = "population.view_care"
    CHANGE_CARE = "population.change_care"
    BIND_DWELLING = "population.bind_dwelling"
    DECIDE_CORRECTION = "population.decide_correction"
    MERGE_PEOPLE = "population.merge_people"
    IMPORT_REGISTRY = "population.import_registry"
    ASK_EXPORT = "population.ask_export"
    APPROVE_EXPORT = "population.approve_export"
    VIEW_ENTITY = "population.view_entity"
    CHANGE_ENTITY = "population.change_entity"
    VIEW_QUALITY = "population.view_quality"
    CHANGE_ADDRESS = "population.change_address"


TITLE = _("人房登记")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_REGISTRY: (
        _("看人房登记"),
        _("在自己的范围内看楼栋、户室、户和人；姓名、证件、电话遮着"),
    ),
    Capability.REVEAL_PERSON: (
        _("打开个人信息"),
        _("写明用途以后看一个人的姓名、证件号码、电话；每次都记，本人查得到"),
    ),
    Capability.CHANGE_REGISTRY: (
        _("改人房登记"),
        _("在自己的范围内登记和改正户室、户、人，办搬入、搬出、出生、去世、分户"),
    ),
    Capability.CHECK_BUILDING: (_("核对和走访"), _("拿着手机逐户核对楼栋，记走访：需要什么服务、下次什么时候去")),
    Capability.VIEW_CARE: (_("看关爱名单"), _("在自己的范围内看谁需要什么服务、到什么时候为止；不记病情")),
    Capability.CHANGE_CARE: (_("改关爱名单"), _("写谁需要什么服务，凭本人同意或者法定的依据，有期限")),
    Capability.BIND_DWELLING: (
        _("给居民绑定住房"),
        _("核对身份以后，把居民的账号和住的户室连起来，发绑定码，解除绑定"),
    ),
    Capability.DECIDE_CORRECTION: (_("答复更正"), _("决定居民对自己登记提出的更正，写明理由答复本人")),
    Capability.MERGE_PEOPLE: (_("合并重复的人"), _("把同一个人的两条登记并成一条，可以拆回来")),
    Capability.IMPORT_REGISTRY: (_("导入台账"), _("用 Excel、CSV 导入人、房、单位，撤回自己范围内的一次导入")),
    Capability.ASK_EXPORT: (_("申请导出"), _("写明用途，申请导出自己范围内的登记；批了才有，文件按人加水印、到期作废")),
    Capability.APPROVE_EXPORT: (_("批准导出"), _("批准或不批别人的导出申请；自己申请的不能自己批")),
    Capability.VIEW_ENTITY: (_("看单位登记"), _("在自己的范围内看单位和地下空间；负责人的电话遮着")),
    Capability.CHANGE_ENTITY: (_("改单位登记"), _("在自己的范围内登记和改正单位、地下空间，记检查")),
    Capability.VIEW_QUALITY: (
        _("看登记质量"),
        _("在自己的范围内看登记是否完整、新鲜、一致；要看是哪几条，还要能看人房登记"),
    ),
    Capability.CHANGE_ADDRESS: (_("改标准地址"), _("导入和修改小区、楼栋的标准地址和位置")),
}

# What touches people's own data: said before a role gets it.
SENSITIVE = frozenset(
    {
        Capability.VIEW_REGISTRY,
        Capability.REVEAL_PERSON,
        Capability.CHANGE_REGISTRY,
        Capability.VIEW_CARE,
        Capability.CHANGE_CARE,
        Capability.IMPORT_REGISTRY,
        Capability.ASK_EXPORT,
        Capability.APPROVE_EXPORT,
    }
)

_READ = [Capability.VIEW_REGISTRY, Capability.VIEW_ENTITY, Capability.VIEW_QUALITY]
_KEEP = [*_READ, Capability.REVEAL_PERSON, Capability.CHANGE_REGISTRY, Capability.CHANGE_ENTITY]
_DOORS = [Capability.CHECK_BUILDING, Capability.VIEW_CARE]
_DESK = [Capability.BIND_DWELLING, Capability.DECIDE_CORRECTION]

BUILT_IN = {
    "grid_worker": [*_KEEP, *_DOORS],
    "counter_clerk": [*_KEEP, *_DESK],
    "community_head": [
        *_KEEP,
        *_DOORS,
        *_DESK,
        Capability.CHANGE_CARE,
        Capability.MERGE_PEOPLE,
        Capability.IMPORT_REGISTRY,
        Capability.ASK_EXPORT,
    ],
    "supervisor": [
        *_READ,
        Capability.MERGE_PEOPLE,
        Capability.IMPORT_REGISTRY,
        Capability.ASK_EXPORT,
        Capability.APPROVE_EXPORT,
    ],
    "district_viewer": [Capability.VIEW_QUALITY, Capability.APPROVE_EXPORT],
    "dispatcher": [Capability.VIEW_ENTITY],
    "handler": [Capability.VIEW_ENTITY],
    "administrator": [Capability.VIEW_QUALITY, Capability.CHANGE_ADDRESS],
    "operations_admin": [Capability.VIEW_QUALITY],
    "system_admin": [Capability.CHANGE_ADDRESS],
}

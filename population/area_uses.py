"""Rows of population that hold the code of an area. A building follows its address, and all within follows it."""

from django.utils.translation import gettext_lazy as _

from governance.impact.registry import AreaUse, register

register(AreaUse("population.StandardAddress", _("标准地址"), point=("lng", "lat")))
register(AreaUse("population.Compound", _("小区")))
register(AreaUse("population.Building", _("楼栋"), follows="address__area_code"))
register(AreaUse("population.Dwelling", _("户室"), follows="building__area_code"))
register(AreaUse("population.Household", _("户"), follows="dwelling__area_code"))
register(AreaUse("population.Residency", _("居住登记"), follows="dwelling__area_code"))
register(AreaUse("population.Person", _("人"), follows="home__area_code"))
register(AreaUse("population.LegalEntity", _("单位"), follows="building__area_code"))
register(AreaUse("population.UndergroundSpace", _("地下空间")))
register(AreaUse("population.DwellingBinding", _("住房绑定"), follows="dwelling__area_code"))
register(AreaUse("population.Correction", _("居民提的更正"), follows="dwelling__area_code"))
register(AreaUse("population.BindingCode", _("绑定码"), follows="dwelling__area_code"))

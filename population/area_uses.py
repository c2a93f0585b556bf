"""Rows of population that hold the code of an area."""

from django.utils.translation import gettext_lazy as _

from governance.impact.registry import AreaUse, register

register(AreaUse("population.StandardAddress", _("标准地址"), point=("lng", "lat")))

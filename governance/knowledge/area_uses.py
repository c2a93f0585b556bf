"""Articles have the area of their office."""

from django.utils.translation import gettext_lazy as _

from governance.impact.registry import AreaUse, register

register(AreaUse("knowledge.Article", _("知识库文章"), follows="organisation__area_code"))

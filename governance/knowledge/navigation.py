"""Entry of the staff rail."""

from django.utils.translation import gettext_lazy as _

from governance.knowledge.permissions import Capability
from governance.web.navigation import NavItem, register

register(NavItem("articles", _("知识库"), "knowledge:edit-list", Capability.EDIT_ARTICLE, "info", 60))

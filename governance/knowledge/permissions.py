"""Who writes the knowledge base."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of the knowledge base."""

    EDIT_ARTICLE = "knowledge.edit_article"


TITLE = _("知识库")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.EDIT_ARTICLE: (_("写知识库"), _("写、发布、收回居民能看到的办事说明；每次改动留下版本和原因")),
}

BUILT_IN = {
    "operations_admin": [Capability.EDIT_ARTICLE],
    "dispatcher": [Capability.EDIT_ARTICLE],
}

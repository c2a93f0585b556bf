"""What this app keeps has no person in it."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Processing

TITLE = _("办事指南")

PERSONAL: tuple[Processing, ...] = ()

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "knowledge.Article": "title title_en body body_en keywords area_code",
    "knowledge.ArticleVersion": "title title_en body body_en keywords reason",
}

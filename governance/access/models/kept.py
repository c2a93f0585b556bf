"""What was typed when a session ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import EncryptedJSONField


class KeptForms(models.Model):
    """What somebody had typed into the forms of one page when their session ended, encrypted, for a day.

    Given back to that person on that page and to nobody else; gone once it is sent. It lies here and not in the
    browser, because a counter's computer has many users and its disk is nobody's to clean.
    """

    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=200)  # its path, without what a search was for
    forms = EncryptedJSONField(default=list)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page"],
                name="kept_forms_one_a_page",
                violation_error_message=_("这一页已经存着一份"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.page}"

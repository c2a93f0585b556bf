"""Who somebody is at the office's identity provider."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import BlindIndexField, EncryptedTextField


class ExternalIdentity(models.Model):
    """A colleague's account at an identity provider, by the provider's own name for it (`sub`), which never changes.

    Written at their first sign-in through it, taken off by an administrator.
    """

    user = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=200)
    subject = EncryptedTextField()  # with some providers the number of a person's identity card
    subject_index = BlindIndexField(of="subject", purpose="access.identity")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject_index"],
                name="external_identity_one_person",
                violation_error_message=_("这个身份已经连着别的账号"),
            ),
            models.UniqueConstraint(
                fields=["user", "issuer"],
                name="external_identity_one_each",
                violation_error_message=_("这个账号已经连着一个身份"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}@{self.issuer}"

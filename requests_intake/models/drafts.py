"""A request being written: kept on the server so that neither a lost session nor a dead battery loses a word."""

from django.db import models

from governance.access.models import User
from governance.privacy.fields import EncryptedJSONField, EncryptedTextField


class Draft(models.Model):
    """What was typed so far, encrypted. Found by the digest of the token in the address; dies after seven days."""

    token_digest = models.CharField(max_length=64, unique=True)
    data = EncryptedJSONField(default=dict)
    # A draft begun while signed in is listed for its account; only such a one keeps its token, encrypted (ADR 0005).
    account = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    token = EncryptedTextField(null=True)
    # The member of staff who takes it down for somebody else; None: a resident's own.
    clerk = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"draft {self.pk}"

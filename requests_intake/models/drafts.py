"""A request being written: kept on the server so that neither a lost session nor a dead battery loses a word."""

from django.db import models

from governance.privacy.fields import EncryptedJSONField


class Draft(models.Model):
    """What was typed so far, encrypted. Found by the digest of the token in the address; dies after seven days."""

    token_digest = models.CharField(max_length=64, unique=True)
    data = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"draft {self.pk}"

"""Files that prove something: photos, PDF, Excel, under the name that their sender gave them."""

from django.db import models

from governance.files.models import StoredFile


class EvidenceFile(models.Model):
    """One piece of evidence. The owner's reference decides who may fetch it; it is never public."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=100, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

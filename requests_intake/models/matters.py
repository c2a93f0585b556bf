"""Which category of the catalogue a matter of the standard belongs to (事项代码 -> 事项)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from grid.models import CodeItem
from requests_intake.models.catalogue import Category


class CategoryMatter(models.Model):
    """A matter's code leads to one category; a category may have many codes."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="matters")
    item = models.ForeignKey(CodeItem, on_delete=models.PROTECT, related_name="+")
    tied_at = models.DateTimeField()
    tied_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["item__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                name="category_matter_once",
                violation_error_message=_("这个事项代码已经归在一类里了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} -> {self.category_id}"

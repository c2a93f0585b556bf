"""The working calendar, one row a day."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Where a day's status comes from."""

    PUBLISHED = "published", _("放假通知")
    ESTIMATE = "estimate", _("推算")
    MANUAL = "manual", _("手工修改")


class CalendarDay(models.Model):
    """Whether the offices work on a date. Ordinary days are rows too: where rows end, knowledge ends."""

    date = models.DateField(_("日期"))
    is_workday = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=40, blank=True)
    name_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    source = models.CharField(_("来源"), max_length=10, choices=Source)
    # Why it was changed by hand; who and when is in the trail.
    reason = models.CharField(_("为什么"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["date"], name="calendarday_date", violation_error_message=_("日历里已经有这一天")
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=Source.values),
                name="calendarday_source",
                violation_error_message=_("没有这种来源"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.label}".rstrip()

    @property
    def label(self) -> str:
        """Name of the holiday or of the make-up day, in the language of the page; "" for ordinary days."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

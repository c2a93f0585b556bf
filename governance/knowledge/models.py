"""Articles of the knowledge base (条例 §11, §31): owned by an office, looked at again on a date, versioned."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.knowledge.permissions import Capability
from governance.organisations.models import Organisation

KEYWORD_MAX = 20


class ArticleState(models.TextChoices):
    """Life of an article: draft -> published -> retired, and back."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    RETIRED = "retired", _("已收回")


class Article(models.Model):
    """One question that the office answers for everybody. Plain text: empty lines part paragraphs."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    body_en = models.TextField(blank=True)
    keywords = ArrayField(models.CharField(max_length=KEYWORD_MAX), default=list, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # The office's area, copied: who may edit articles there may edit this one.
    area_code = models.CharField(max_length=17, db_collation="C")
    state = models.CharField(max_length=10, choices=ArticleState, default=ArticleState.DRAFT)
    number = models.PositiveIntegerField(default=1)  # of the current version
    review_date = models.DateField()
    reminded_date = models.DateField(null=True, blank=True)  # the review date of which the owner was told
    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("published", _("已发布的，谁都能看"), lambda viewer: Q(state=ArticleState.PUBLISHED)),
        Rule("edit-area", _("在可以写知识库的区域内"), held_in_area(Capability.EDIT_ARTICLE)),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="article_updated"),
            models.Index(fields=["review_date"], name="article_review", condition=Q(state="published")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(body=""),
                name="article_has_words",
                violation_error_message=_("请写题目和内容"),
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="article_published_has_time",
                violation_error_message=_("发布了的要有发布时间"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Title in the language of the page; Chinese where there is no English."""
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def text(self) -> str:
        """Body in the language of the page; Chinese where there is no English."""
        return self.body_en if self.body_en and get_language() == "en" else self.body

    def text_in(self, language: str) -> str:
        """Body in a language, for a letter or an answer; Chinese where there is no English."""
        return self.body_en if self.body_en and language == "en" else self.body

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code, frozenset({self.organisation_id}))


class ArticleVersion(models.Model):
    """What an article said, who changed it and why; never edited."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    body_en = models.TextField(blank=True)
    keywords = ArrayField(models.CharField(max_length=KEYWORD_MAX), default=list, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="article_version_unique",
                violation_error_message=_("别人刚改过这一篇，请看最新的再改"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.article_id} v{self.number}"

"""What references to articles mean."""

from django.urls import reverse

from governance.knowledge.models import Article
from governance.refs import RefKind, addressed, register

register(
    RefKind(
        kind=Article._meta.label_lower,
        label=lambda article: article.label,
        url=lambda article: reverse("knowledge:edit", args=[article.public_id]),
        visible=lambda viewer: Article.objects.visible_to(viewer),
        find=addressed(Article, "public_id", "knowledge:edit", "knowledge:article"),
    )
)

"""The owner of an article hears when it has to be read again."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant
from governance.knowledge.models import Article
from governance.knowledge.permissions import Capability
from governance.notifications.groups import UPKEEP, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient


def _editors(event: Any) -> list[Recipient]:
    """Whoever may edit articles and belongs to the office that owns it; if nobody does, those closest to its area."""
    codename = Capability.EDIT_ARTICLE.partition(".")[2]
    rows = list(
        Grant.objects.live(event.at)
        .filter(user__is_active=True, role__group__permissions__codename=codename)
        .order_by("user_id")
        .values_list("user_id", "area_code", "user__organisation_id")
    )
    covering = [(pk, code, office) for pk, code, office in rows if event.area_code.startswith(code)]
    own = {pk for pk, _code, office in covering if office == event.payload["organisation_id"]}
    closest = max((len(code) for _pk, code, _office in covering), default=0)
    return [user_recipient(pk) for pk in sorted(own or {pk for pk, code, _office in covering if len(code) == closest})]


def _facts(event: Any) -> dict[str, Any]:
    article = Article.objects.filter(pk=event.subject_ref.partition(":")[2]).first()
    title = article.title if article else ""
    return {"title": {"zh": title, "en": (article.title_en if article else "") or title}}


def _links(messages: Sequence[Any]) -> list[dict[str, str]]:
    pks = [message.subject_ref.partition(":")[2] for message in messages]
    ids = dict(Article.objects.filter(pk__in=pks).values_list("pk", "public_id"))
    return [{"link": reverse("knowledge:edit", args=[ids[int(pk)]])} if int(pk) in ids else {"link": "/"} for pk in pks]


describe_places(
    "knowledge",
    {
        "title": Place(_("哪一篇"), {"zh": "居住证怎么续签", "en": "How to renew a residence permit"}),
        "link": Place(_("改这一篇的链接"), "/staff/articles/6f1d0c7a-9be2-4c58-a3d2-7e90b1f4c865/"),
    },
)
register(
    NoticeKind(
        key="knowledge.review_due",
        event="knowledge.review_fell_due",
        title=_("知识库要复核"),
        group=UPKEEP,
        audience=_editors,
        context=_facts,
        context_keys=("title",),
        late=_links,
        subject_zh="请复核：{title}",
        body_zh="知识库里“{title}”快到复核的日子了，请看一遍还对不对。\n\n{link}",
        subject_en="Please review: {title}",
        body_en="The article “{title}” is due for review. Please check that it is still right.\n\n{link}",
    )
)

"""What the trail says of the knowledge base."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell(
    {
        "knowledge.article_saved": _("保存知识条目"),
        "knowledge.article_published": _("发布知识条目"),
        "knowledge.article_retired": _("下架知识条目"),
        "knowledge.article_reviewed": _("复核知识条目"),
        "knowledge.review_fell_due": _("知识条目该复核了"),
    }
)
tell_keys({"number": Key(_("版本")), "review_date": Key(_("复核日期"))})
tell_subjects({"knowledge.article": Subject(_("知识条目"))})

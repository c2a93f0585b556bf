"""What the page of seals shows."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.outbox.models import Seal
from governance.outbox.verifying import CUT_OFF, REWRITTEN

SEALS_SHOWN = 14

_KINDS = {"outbox.DomainEvent": _("操作记录"), "privacy.AccessLog": _("查看记录")}

# What the proof finds, as it says it to whoever keeps the server.
_PROBLEMS: dict[str, str | Promise] = {
    "was changed": _("被改过"),
    "was removed": _("被删掉了"),
    "was inserted afterwards: its seal does not cover it": _("是后来塞进去的，封条里没有它"),
    "was changed before it was sealed": _("在封存以前被改过"),
    "points to a seal that does not cover it": _("指向一道不封它的封条"),
    "covers rows of an unknown kind": _("封的是不认识的数据表"),
    "does not follow the seal before it: one was removed or replaced": _("和前一道封条扣不上：有封条被删掉或换掉了"),
    REWRITTEN: _("和记在外面的摘要不一样：整段记录被重写过"),
    CUT_OFF: _("外面记着它，这里却没有：记录被截断或整个换掉了"),
    "the file of anchors cannot be read": _("记在外面的摘要文件读不了"),
}


@dataclass(frozen=True, slots=True)
class SealLine:
    """One seal as the page shows it."""

    pk: int
    what: str | Promise
    count: int
    at: datetime
    digest: str


def last_seals() -> list[SealLine]:
    """Return the newest seals, without what they cover. 1 SQL."""
    rows = Seal.objects.order_by("-pk").values_list("pk", "kind", "count", "at", "digest")[:SEALS_SHOWN]
    return [SealLine(pk, _KINDS.get(kind, kind), count, at, digest) for pk, kind, count, at, digest in rows]


def problem_words(problem: str) -> str | Promise:
    """Return what a proof found, in the language of the page."""
    return _PROBLEMS.get(problem, problem)

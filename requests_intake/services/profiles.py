"""The only writers of community profiles: their words and items, the default one, which community has which.

Every process reads them anew within a minute. What is filed already stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access import areas
from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import NewEvent, publish, publish_many
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Category, CommunityProfile, Offer, ProfileArea, ProfileCategory
from requests_intake.permissions import Capability
from requests_intake.place_words import WORD_MAX, WORDS
from requests_intake.selectors.profiles import COMMUNITY, offers_of, profiles_forget
from requests_intake.services.office import require_office


def profile_change(
    *,
    profile: CommunityProfile,
    words: Mapping[str, tuple[str, str]],
    offers: Mapping[int, str],
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> CommunityProfile:
    """Say what a profile calls things, and which items it puts first or leaves out.

    `words`: key of `WORDS` -> (Chinese, English), both empty for the usual word. `offers`: primary key of a category
    -> `Offer`; what is not named is offered as everywhere. `seen` is the profile's `changed_at` as the person saw it.
    Raises `StaleState` when somebody has changed it meanwhile, `DomainError` with the field (`<word>_zh`, `<word>_en`,
    `reason`) for a word in one language only or over 60 characters, no reason, and nothing changed.
    """
    require_office(actor, Capability.EDIT_CATALOGUE)
    own = _checked_words(words)
    why = checked_reason(reason)
    known = dict(Category.objects.filter(pk__in=offers).values_list("pk", "code"))
    wanted = {pk: offer for pk, offer in offers.items() if pk in known and offer in Offer.values}
    with constraint_errors(), transaction.atomic():
        locked = CommunityProfile.objects.select_for_update(of=("self",), no_key=True).get(pk=profile.pk)
        if locked.changed_at != seen:
            raise StaleState("setting_changed", _("刚才有人改过，请看过最新的再改"))
        before = offers_of(locked)
        if (locked.words, before, locked.is_confirmed) == (own, wanted, is_confirmed):
            raise DomainError("nothing_changed", _("和现在的一样，没有改动"))
        ProfileCategory.objects.filter(profile=locked).exclude(category_id__in=wanted).delete()
        ProfileCategory.objects.bulk_create(
            [ProfileCategory(profile=locked, category_id=pk, offer=offer) for pk, offer in wanted.items()],
            update_conflicts=True,
            unique_fields=["profile", "category"],
            update_fields=["offer"],
        )
        locked.words, locked.is_confirmed = own, is_confirmed
        locked.changed_at, locked.changed_by, locked.why = at, actor.user, why
        locked.save(update_fields=["words", "is_confirmed", "changed_at", "changed_by", "why"])
        payload = {
            "key": locked.key,
            "words": sorted(own),
            "first": sorted(known[pk] for pk, offer in wanted.items() if offer == Offer.FIRST),
            "off": sorted(known[pk] for pk, offer in wanted.items() if offer == Offer.OFF),
            "is_confirmed": is_confirmed,
        }
        publish(events.PROFILE_CHANGED, subject=locked, actor=actor, payload=payload, at=at)
        transaction.on_commit(profiles_forget)
    return locked


def _checked_words(words: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    own = {}
    for key in WORDS:
        said = dict(zip(("zh", "en"), words.get(key, ("", "")), strict=True))
        said = {language: clean_text(text, multiline=False) for language, text in said.items()}
        for language, text in said.items():
            if len(text) > WORD_MAX:
                message = _("太长了，最多 %(limit)s 个字") % {"limit": WORD_MAX}
                raise DomainError("word_too_long", message, field=f"{key}_{language}")
            if not text and any(said.values()):
                raise DomainError("both_languages", _("两种语言都要写"), field=f"{key}_{language}")
        if all(said.values()):
            own[key] = said
    return own


def profile_make_default(*, profile: CommunityProfile, actor: Viewer, at: datetime) -> CommunityProfile:
    """Let communities without a profile of their own have this one. It being so already changes nothing."""
    require_office(actor, Capability.EDIT_CATALOGUE)
    with constraint_errors(), transaction.atomic():
        rows = {row.pk: row for row in CommunityProfile.objects.select_for_update(no_key=True).order_by("pk")}
        locked = rows[profile.pk]
        if not locked.is_default:
            CommunityProfile.objects.filter(is_default=True).update(is_default=False)
            locked.is_default = True
            locked.save(update_fields=["is_default"])
            publish(events.PROFILE_MADE_DEFAULT, subject=locked, actor=actor, payload={"key": locked.key}, at=at)
            transaction.on_commit(profiles_forget)
    return locked


def communities_assign(*, codes: Sequence[str], profile: CommunityProfile | None, actor: Viewer, at: datetime) -> int:
    """Give communities a profile, or with None the default again; return how many changed. 4 SQL for any number.

    Raises `DomainError` on field "communities" when none is named, and for a code that is no community of today.
    """
    require_office(actor, Capability.EDIT_CATALOGUE)
    wanted = set(codes)
    there = {code for code, _name in areas.below("") if len(code) == COMMUNITY} if wanted else set()
    if not wanted:
        raise DomainError("communities_required", _("请先勾上社区"), field="communities")
    if wanted - there:
        raise DomainError("community_unknown", _("有的社区已经不在了，请重新勾"), field="communities")
    pk = profile.pk if profile is not None else None
    with transaction.atomic():
        own = dict(ProfileArea.objects.filter(area_code__in=wanted).values_list("area_code", "profile_id"))
        changed = sorted(code for code in wanted if own.get(code) != pk)
        if profile is None:
            ProfileArea.objects.filter(area_code__in=changed).delete()
        else:
            ProfileArea.objects.bulk_create(
                [ProfileArea(area_code=code, profile=profile) for code in changed],
                update_conflicts=True,
                unique_fields=["area_code"],
                update_fields=["profile"],
            )
        key = profile.key if profile is not None else ""
        publish_many(
            NewEvent(
                event_type=events.PROFILE_ASSIGNED,
                subject=f"requests_intake.profilearea:{code}",
                actor=actor,
                area_code=code,
                payload={"key": key},
                at=at,
            )
            for code in changed
        )
        transaction.on_commit(profiles_forget)
    return len(changed)

"""Template variable `site`: what every page of the portal needs. Computed on use, no SQL for people signed out."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from governance.access.duties import duties_in
from governance.access.models import AccessPolicy
from governance.access.permissions import ROLES
from governance.access.second_step import is_taken
from governance.web import navigation
from governance.web.navigation import NavLink
from governance.web.portal import Portal, in_language, portal
from governance.web.preferences import Preferences, read_preferences
from governance.worktime import calendar_current, horizon_warning
from governance.worktime.permissions import Capability as Worktime

ADMINISTRATION = ("/staff/admin/", "/staff/audit/", "/staff/setup/", "/staff/messages/")


class Site:
    """The portal as one request sees it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def preferences(self) -> Preferences:
        """Language, size and contrast; also on error pages made before the middleware ran."""
        return getattr(self.request, "preferences", None) or read_preferences(self.request)

    @cached_property
    def portal(self) -> Portal:
        """Names and numbers of the office."""
        return portal()

    @cached_property
    def place(self) -> str:
        """The district's name."""
        return self.portal.text("place")

    @cached_property
    def operator(self) -> str:
        """Who runs the portal."""
        return self.portal.text("operator")

    @cached_property
    def address(self) -> str:
        """Where the operator sits."""
        return self.portal.text("address")

    @cached_property
    def hotlines(self) -> tuple[Any, ...]:
        """Numbers at the foot of every page; `request.hotlines` puts nearer ones first."""
        return getattr(self.request, "hotlines", None) or self.portal.hotlines

    @cached_property
    def demo(self) -> bool:
        """Whether this is a demonstration with invented people."""
        return bool(settings.LIREN_DEMO)

    @cached_property
    def here(self) -> str:
        """This page's address, for coming back after a choice; a page made by POST is asked for again by GET."""
        return self.request.path if self.request.method == "POST" else self.request.get_full_path()

    @cached_property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        user = getattr(self.request, "user", None)
        return user is not None and user.is_authenticated

    @cached_property
    def is_resident(self) -> bool:
        """Whether the person signed in is a resident; staff have a desk, residents their own things."""
        return self.signed_in and self.request.user.kind == "resident"  # type: ignore[union-attr]

    @cached_property
    def is_colleague(self) -> bool:
        """Whether the person signed in works here."""
        return self.signed_in and self.request.user.kind == "staff"  # type: ignore[union-attr]

    @cached_property
    def mine(self) -> str:
        """Where a resident's own things are."""
        return navigation.resolve("intake:mine") or navigation.resolve("account:home")

    @cached_property
    def shows_messages(self) -> bool:
        """Whether this demo shows the messages that it would have sent."""
        return bool(settings.LIREN_MESSAGE_PAGE)

    @cached_property
    def viewer(self) -> Any:
        """Who is looking."""
        return self.request.viewer  # type: ignore[attr-defined]

    @cached_property
    def person_note(self) -> str:
        """What the person is here as: the names of their roles."""
        names = dict.fromkeys(in_language(*ROLES[grant.role]) for grant in self.viewer.grants if grant.role in ROLES)
        return gettext("、").join(names)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Counts that the cache knows."""
        return navigation.known_counts(self.viewer)

    @cached_property
    def nav(self) -> list[NavLink]:
        """The rail."""
        return navigation.links_for(self.viewer, self.request.path, self.counts)

    @cached_property
    def unread(self) -> int:
        """Unread messages at the bell, as far as the cache knows."""
        return int(self.counts.get("inbox") or 0)

    @cached_property
    def calendar_warning(self) -> Any:
        """What whoever keeps the working calendar must read on every page while it is about to run out; else None."""
        if not self.viewer.can(Worktime.EDIT_CALENDAR):
            return None
        return horizon_warning(calendar_current(), self.now)

    @cached_property
    def second_step_until(self) -> Any:
        """Until when the person has time to set up the second step that a role of theirs wants; else None. No SQL."""
        due = self.viewer.second_step_due
        return None if due is None or is_taken(self.request.session) else due

    @cached_property
    def idle_minutes(self) -> int:
        """After how many minutes without any sign the session of a colleague ends. No SQL."""
        return self.viewer.idle_minutes or AccessPolicy.IDLE

    @cached_property
    def duties_are_joint(self) -> bool:
        """Whether this is a page of an administrator's, in a portal where one person may hold all. No SQL."""
        viewer, path = self.viewer, self.request.path
        return path.startswith(ADMINISTRATION) and not viewer.is_separated and self.holds_duty

    @cached_property
    def holds_duty(self) -> bool:
        """Whether the person is an administrator of any kind. No SQL."""
        return bool(duties_in(self.viewer.capabilities))

    @cached_property
    def search(self) -> dict[str, Any]:
        """Where the command bar sends its words."""
        url, placeholder = navigation.search_target()
        return {"url": url, "placeholder": placeholder}

    @cached_property
    def now(self) -> Any:
        """The moment the page was made."""
        return timezone.now()


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"site": Site(request), "htmx": bool(getattr(request, "htmx", False))}

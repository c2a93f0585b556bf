"""First passwords: the link of an invitation, and links on paper for people whose mail does not arrive."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.access.decorators import public, requires
from governance.access.permissions import Capability
from governance.access.second_step import has_device
from governance.access.services import user_password_set
from governance.administration.signing_in import enter, first_step_keep
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from governance.web.proof import proved
from governance.web.throttle import throttle
from setup_wizard.forms import NewPasswordForm
from setup_wizard.links import INVITATION_LIFE, invitation_token, invited
from setup_wizard.selectors.people import people_waiting
from setup_wizard.services.invitations import links_show


@public("the signed link in the address is the proof; whoever holds it has no password yet")
@sensitive_post_parameters("password", "password_again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("welcome", limit=30, seconds=900)
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set the first password and sign in."""
    user = invited(token)
    if user is None:
        return render(request, "setup_wizard/welcome_gone.html", status=410)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            user = user_password_set(user=user, password=form.cleaned_data["password"], at=at)
        except StaleState:
            return render(request, "setup_wizard/welcome_gone.html", status=410)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if has_device(user):  # a password that was taken away: the link alone opens nothing
                first_step_keep(request, user, target=reverse("web:work"), at=at)
                return redirect("account:sign-in-code")
            enter(request, user, at=at)
            return redirect("web:work")
    context = {"form": form, "person": user}
    return render(request, "setup_wizard/welcome.html", context, status=422 if form.errors else 200)


@requires(Capability.GIVE_GRANT)
@proved(on_opening=False)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Who has not come yet; the button shows their links, to be printed and handed over. The trail notes it."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    people = people_waiting(viewer)
    links: list[tuple[Any, str]] = []
    if request.method == "POST" and people:
        links_show(people=people, actor=viewer, at=at)
        links = [
            (person, request.build_absolute_uri(reverse("setup:welcome", args=[invitation_token(person)])))
            for person in people
        ]
    context = {"people": people, "links": links, "until": at + INVITATION_LIFE}
    return render(request, "setup_wizard/invitations.html", context)

"""Half of what residents bring are questions: the knowledge base answers first (条例 §11.1), then people do."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from governance.access.decorators import public
from governance.knowledge.selectors import articles_for
from governance.web.throttle import throttle
from requests_intake.flow import WHAT, steps_of
from requests_intake.services.drafts import draft_drop, draft_find


@csrf_exempt  # as the other steps: the token in the address is the protection
@public("The token in the address is the right to this draft; residents report without an account.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("answers", limit=120, seconds=3600)
def answers(request: HttpRequest, token: str) -> HttpResponse:
    """Between the words of a question and its category: what is answered already. Nothing alike: straight on."""
    draft = draft_find(token, at=timezone.now())
    if draft is None:
        return render(request, "requests_intake/report_gone.html", {}, status=410)
    steps = steps_of(draft.data)
    onward = HttpResponseRedirect(reverse("intake:step", args=[token, steps[steps.index(WHAT) + 1].key]))
    found = articles_for(draft.data.get("body", ""))
    if not found or "onward" in request.POST:
        return onward
    if "answered" in request.POST:
        draft_drop(draft=draft)
        return render(request, "requests_intake/report_answered.html", {})
    context = {
        "articles": found,
        "back_url": reverse("intake:step", args=[token, WHAT.key]),
        "step_number": steps.index(WHAT) + 2,
        "step_count": len(steps) + 1,
    }
    return render(request, "requests_intake/report_answers.html", context)

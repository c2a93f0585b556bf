"""Why can they see this? A person and a record; the answer is rules and grants, never what the record says."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.explaining import Explanation, Standing, explain
from governance.access.permissions import Capability
from governance.access.selectors import area_names_of, capability_groups, colleagues
from governance.administration.forms import ExplainForm
from governance.refs import describe, find, ref_of


@requires(Capability.EXPLAIN)
@require_safe
def explain_access(request: HttpRequest) -> HttpResponse:
    """Everything stands in the address, so that an answer can be sent to a colleague who may ask, too."""
    viewer, now = request.viewer, timezone.now()  # type: ignore[attr-defined]
    asked = "record" in request.GET
    form = ExplainForm(request.GET if asked else None, initial={"who": request.GET.get("who", "")})
    context: dict[str, object] = {"form": form, "people": [], "explanation": None}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        people = colleagues(viewer=viewer, words=data["who"], public_id=data["person"])
        record = find(data["record"])
        if record is None:
            form.add_error("record", _("没有找到这条记录。请贴它的网址，或者写编号。"))
        if not people:
            form.add_error("who", _("没有找到这个人。请核对姓名，或者改用工号、邮箱。"))
        if record is not None and len(people) == 1:
            at = form.moment(now)
            answer = explain(person=people[0], record=record, capability=data["can"], at=at)
            context |= _answer(answer, data["can"], at)
            context["link"] = describe(ref_of(record), viewer)  # only for those who see it themselves
        elif record is not None:
            context["people"] = people
    return render(request, "access/explain.html", context)


def _answer(answer: Explanation, capability: str, at: datetime) -> dict[str, object]:
    places = area_names_of([line.grant for line in answer.grants])
    names = {one.key: one.name for group in capability_groups() for one in group.capabilities}
    by_pk = {line.grant.pk: line.grant for line in answer.grants}
    reasons = [
        {"rule": line, "grants": [by_pk[pk] for pk in line.grants if pk in by_pk]}
        for line in answer.rules
        if line.standing is Standing.HOLDS
    ]
    used = {pk for line in answer.rules for pk in line.grants}
    return {
        "explanation": answer,
        "at": at,
        "asked": names.get(capability, ""),
        "reasons": reasons,
        "may_do": [names[key] for key in answer.may_do if key in names],
        "grants": [
            {
                "line": line,
                "grant": line.grant,
                "place": places.get(line.grant.area_code, line.grant.area_code),
                "is_used": line.grant.pk in used,
            }
            for line in answer.grants
        ],
        "missing": _missing(answer) if answer.may is False else "",
    }


def _missing(answer: Explanation) -> str:
    """The first thing that is missing for what was asked, in the order in which one would mend it."""
    if not answer.is_active:
        return _("账号已经停用")
    having = [line for line in answer.grants if line.holds]
    if not having:
        return _("担任的角色里都没有这一项")
    live = [line for line in having if line.life == "live"]
    if not live:
        return _("有这一项的授权已经结束，或者还没开始")
    return _("有这一项的授权，范围里没有这条记录")

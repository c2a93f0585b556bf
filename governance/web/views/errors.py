"""Error pages: what happened, what is kept, what to do next."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext, ngettext

from governance.errors import DomainError

API_PREFIX = "/api/"


def _for_program(request: HttpRequest, code: str, message: str, status: int) -> HttpResponse | None:
    """The refusal in the shape of the interface, where a program asked; None where a person did."""
    if not request.path.startswith(API_PREFIX):
        return None
    from governance.web.api.errors import body_of, fault  # REST framework loads with the first call of a program

    return JsonResponse(body_of([fault(code, message)]), status=status, json_dumps_params={"ensure_ascii": False})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something that no page of ours sends."""
    if answer := _for_program(request, "unreadable", gettext("没有看懂这次请求"), 400):
        return answer
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: visible, but not for this person to do."""
    if answer := _for_program(request, "forbidden", gettext("没有权限做这件事"), 403):
        return answer
    message = str(exception) if isinstance(exception, DomainError) else ""
    return render(request, "errors/403.html", {"message": message}, status=403)


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """409: a rule or somebody faster stood in the way; the error's own words say which."""
    return render(request, "errors/409.html", {"message": error.message}, status=409)


def only_sends(request: HttpRequest) -> HttpResponse:
    """405: an address that takes what a form sends was opened by itself, after a refusal or a reload."""
    above = request.path.partition("/do/")[0] if "/do/" in request.path else request.path.rstrip("/").rpartition("/")[0]
    return render(request, "errors/405.html", {"above": f"{above}/"}, status=405)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none that this person may know of. A text given to Http404 is shown."""
    if answer := _for_program(request, "not_found", gettext("没有这个地址；接口的地址见 /api/v1/schema/"), 404):
        return answer
    message = ""
    if isinstance(exception, Http404) and exception.args and isinstance(exception.args[0], str):
        message = exception.args[0]
    return render(request, "errors/404.html", {"message": message}, status=404)


def too_many_requests(request: HttpRequest, wait: int) -> HttpResponse:
    """429: `wait` is in seconds; the page says it in words."""
    minutes = max(1, round(wait / 60))
    words = (
        ngettext("%(count)d 秒", "%(count)d 秒", wait) % {"count": wait}
        if wait < 60
        else ngettext("%(count)d 分钟", "%(count)d 分钟", minutes) % {"count": minutes}
    )
    response = render(request, "errors/429.html", {"wait": words}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def slow_down(request: HttpRequest) -> HttpResponse:
    """429 of the sign-in pages, whose limits are counted by the minute."""
    return too_many_requests(request, 60)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the CSRF check: mostly a page left open too long, or a browser that refuses cookies."""
    return render(request, "errors/csrf.html", {"cookies": bool(request.COOKIES)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: made without database, session or language, in both languages; the reference finds the log line."""
    reference = getattr(request, "request_id", "")[:8]
    words = gettext("服务器出错了，请稍后再试。编号：%(reference)s") % {"reference": reference}
    if answer := _for_program(request, "server_error", words, 500):
        return answer
    html = loader.render_to_string("errors/500.html", {"reference": reference})
    return HttpResponse(html, status=500)

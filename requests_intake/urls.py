"""Addresses of request intake. A token is the only secret that ever stands in an address."""

from django.urls import path

from requests_intake import urls_admin, urls_appraisal, urls_public, urls_queue, urls_upstream
from requests_intake.views import address, answers, entry, links, mine, outside, queue, recuse, report, request, track

app_name = "intake"
urlpatterns = [
    *urls_public.urlpatterns,
    path("report/", report.start, name="start"),
    path("report/addresses/", address.addresses, name="address"),
    path("report/<str:token>/answers/", answers.answers, name="answers"),
    path("report/<str:token>/<slug:step>/", report.step, name="step"),
    path("t/<str:token>/", track.track, name="track"),
    path("t/<str:token>/receipt/", track.receipt, name="receipt"),
    path("t/<str:token>/rate/", track.rate, name="rate"),
    path("t/<str:token>/do/<slug:name>/", track.own, name="own"),
    path("t/<str:token>/take/", mine.take, name="take-over"),
    path("t/<str:token>/name/", mine.hide_name, name="hide-name"),
    path("t/<str:token>/forget/", mine.forget, name="forget-contact"),
    path("t/<str:token>/looks/", mine.looks_of_one, name="looks"),
    path("o/<str:token>/", outside.outside, name="outside"),
    path("o/<str:token>/contact/", outside.contact, name="outside-contact"),
    path("o/<str:token>/do/<slug:name>/", outside.step, name="outside-step"),
    path("my/", mine.requests, name="mine"),
    path("my/looks/", mine.looks, name="my-looks"),
    path("my/drafts/", mine.drafts, name="my-drafts"),
    path("my/drafts/<int:pk>/discard/", mine.discard, name="my-draft-discard"),
    path("track/", track.lookup, name="lookup"),
    path("staff/find/", queue.find, name="find"),
    path("staff/requests/", queue.queue, name="queue"),
    *urls_queue.urlpatterns,
    *urls_upstream.urlpatterns,
    path("staff/requests/<str:number>/", request.request_page, name="request"),
    path("staff/requests/<str:number>/why/", request.why, name="why"),
    path("staff/requests/<str:number>/recuse/", recuse.recuse, name="recuse"),
    path("staff/requests/<str:number>/links/<int:pk>/", links.link, name="external-link"),
    path("staff/requests/<str:number>/links/<int:pk>/revoke/", links.revoke, name="external-link-revoke"),
    path("staff/requests/<str:number>/reveal/", request.reveal, name="reveal"),
    path("staff/entry/", entry.begin, name="entry-begin"),
    path("staff/entry/map/", entry.picker, name="entry-map"),
    path("staff/entry/slip/<str:number>/", entry.slip, name="entry-slip"),
    path("staff/entry/<str:key>/", entry.entry, name="entry"),
    path("staff/entry/<str:key>/drop/", entry.drop, name="entry-drop"),
    path("staff/requests/<str:number>/do/<slug:name>/", request.act, name="act"),
    path("staff/orders/", queue.orders, name="orders"),
    *urls_appraisal.urlpatterns,
    *urls_admin.urlpatterns,
]

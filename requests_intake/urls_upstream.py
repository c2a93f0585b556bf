"""Addresses of the upstream hotline's batches and sources."""

from django.urls import path

from requests_intake.views import upstream, upstream_sources

urlpatterns = [
    path("staff/upstream/", upstream.batches, name="upstream"),
    path("staff/upstream/new/", upstream.receive, name="upstream-new"),
    path("staff/upstream/sources/new/", upstream_sources.new, name="upstream-source-new"),
    path("staff/upstream/sources/<slug:key>/", upstream_sources.edit, name="upstream-source"),
    path("staff/upstream/<uuid:public_id>/", upstream.batch, name="upstream-batch"),
    path("staff/upstream/<uuid:public_id>/run/", upstream.run, name="upstream-run"),
    path("staff/upstream/<uuid:public_id>/recheck/", upstream.recheck, name="upstream-recheck"),
    path("staff/upstream/<uuid:public_id>/collect/", upstream.collect, name="upstream-collect"),
    path("staff/upstream/<uuid:public_id>/broken/", upstream.broken, name="upstream-broken"),
    path("staff/upstream/<uuid:public_id>/results/", upstream.results, name="upstream-results"),
]

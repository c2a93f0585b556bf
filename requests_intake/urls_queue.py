"""Addresses around the staff lists: worklists and their numbers, and one step for many."""

from django.urls import path

from requests_intake.views import bulk, worklists

urlpatterns = [
    path("staff/requests/counts/", worklists.counts, name="counts"),
    path("staff/requests/bulk/", bulk.bulk, name="bulk"),
    path("staff/requests/bulk/runs/", bulk.runs, name="bulk-runs"),
    path("staff/requests/bulk/<uuid:public_id>/", bulk.run, name="bulk-run"),
    path("staff/requests/bulk/<uuid:public_id>/resume/", bulk.resume, name="bulk-resume"),
    path("staff/worklists/", worklists.worklists, name="worklists"),
    path("staff/worklists/new/", worklists.save, name="worklist-new"),
    path("staff/worklists/<int:pk>/move/", worklists.move, name="worklist-move"),
    path("staff/worklists/<int:pk>/delete/", worklists.delete, name="worklist-delete"),
]

"""Addresses of long work."""

from django.urls import path

from governance.jobs import views

app_name = "jobs"
urlpatterns = [
    path("staff/jobs/<uuid:public_id>/", views.show, name="show"),
    path("staff/jobs/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
]

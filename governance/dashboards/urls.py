"""Addresses of the overview."""

from django.urls import path

from governance.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("staff/overview/", views.overview, name="overview"),
    path("staff/overview/exports/", views.exports, name="exports"),
    path("staff/overview/exports/<uuid:public_id>.xlsx", views.export_file, name="export-file"),
    path("staff/overview/panels/<str:key>/", views.panel, name="panel"),
]

"""Addresses of the overview."""

from django.urls import path

from governance.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("staff/overview/", views.overview, name="overview"),
    path("staff/overview/panels/<str:key>/", views.panel, name="panel"),
]

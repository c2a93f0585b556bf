"""Addresses of the audit pages."""

from django.urls import path

from governance.audit import views, watch_views

app_name = "audit"
urlpatterns = [
    path("staff/audit/", views.trail_page, name="trail"),
    path("staff/audit/findings/", watch_views.findings, name="findings"),
    path("staff/audit/findings/<int:pk>/", watch_views.finding, name="finding"),
    path("staff/audit/watch/", watch_views.rules, name="watch"),
    path("staff/audit/<str:source>/<int:pk>/", views.trail_row, name="row"),
    path("staff/audit/seals/", views.seals, name="seals"),
    path("staff/audit/exports/", views.exports, name="exports"),
    path("staff/audit/exports/<uuid:public_id>/", views.export_file, name="export-file"),
]

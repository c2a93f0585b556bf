"""Addresses of stored files."""

from django.urls import path

from governance.files.views import file_view

app_name = "files"
urlpatterns = [path("files/<uuid:uuid>/<str:variant>/", file_view, name="show")]

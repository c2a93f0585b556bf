"""Addresses of stored files."""

from django.urls import path

from governance.files.playing import recording_view
from governance.files.views import file_view

app_name = "files"
urlpatterns = [
    path("files/<uuid:uuid>/<str:variant>/", file_view, name="show"),
    path("recordings/<uuid:uuid>/", recording_view, name="recording"),
]

"""Addresses of the knowledge base."""

from django.urls import path

from governance.knowledge.views import editing, reading

app_name = "knowledge"
urlpatterns = [
    path("help/", reading.articles, name="articles"),
    path("help/<uuid:public_id>/", reading.article, name="article"),
    path("staff/articles/", editing.edit_list, name="edit-list"),
    path("staff/articles/new/", editing.new, name="new"),
    path("staff/articles/<uuid:public_id>/", editing.edit, name="edit"),
    path("staff/articles/<uuid:public_id>/<slug:step>/", editing.act, name="act"),
]

"""Addresses of the interface for programs, version 1."""

from django.urls import path

from governance.web.api.views import SchemaView
from requests_intake.api import reference, views

app_name = "api"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("requests/", views.RequestListView.as_view(), name="requests"),
    path("requests/<str:number>/", views.RequestView.as_view(), name="request"),
    path("requests/<str:number>/contact/", views.ContactView.as_view(), name="contact"),
    path("requests/<str:number>/transitions/", views.TransitionsView.as_view(), name="transitions"),
    path("requests/<str:number>/transitions/<str:name>/", views.TransitionView.as_view(), name="transition"),
    path("requests/<str:number>/supplements/", views.SupplementsView.as_view(), name="supplements"),
    path("attachments/", views.AttachmentsView.as_view(), name="attachments"),
    path("results/", views.ResultsView.as_view(), name="results"),
    path("catalogue/", reference.CatalogueView.as_view(), name="catalogue"),
    path("organisations/", reference.OrganisationsView.as_view(), name="organisations"),
    path("areas/", reference.AreasView.as_view(), name="areas"),
]

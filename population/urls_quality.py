"""How good the registry is, and what is kept in it for what."""

from django.urls import path

from population.views import fields

urlpatterns = [path("staff/registry/fields/", fields.fields, name="fields")]

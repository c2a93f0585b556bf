"""How good the registry is, what is kept in it for what, and records that are one."""

from django.urls import path

from population.views import fields, merging

urlpatterns = [
    path("staff/registry/fields/", fields.fields, name="fields"),
    path("staff/registry/people/<uuid:public_id>/merge/", merging.merge, name="person-merge"),
    path("staff/registry/people/<uuid:public_id>/part/", merging.part, name="person-part"),
]

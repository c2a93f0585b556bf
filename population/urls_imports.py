"""Addresses of tables that are handed in."""

from django.urls import path

from population.views import imports

urlpatterns = [
    path("staff/registry/imports/", imports.home, name="imports"),
    path("staff/registry/imports/template/<slug:kind>/", imports.empty_table, name="import-template"),
    path("staff/registry/imports/<uuid:public_id>/", imports.one, name="import"),
    path("staff/registry/imports/<uuid:public_id>/write/", imports.write, name="import-write"),
    path("staff/registry/imports/<uuid:public_id>/answer/", imports.answer, name="import-answer"),
    path("staff/registry/imports/<uuid:public_id>/undo/", imports.undo, name="import-undo"),
    path("staff/registry/imports/<uuid:public_id>/drop/", imports.drop, name="import-drop"),
    path("staff/registry/imports/<uuid:public_id>/faults/", imports.faults, name="import-faults"),
]

"""Pages of the wizard; the namespace is `setup`."""

from django.urls import path

from setup_wizard.views import begin, catalogue, district, divisions, invitations, limits, overview, tables

app_name = "setup"
urlpatterns = [
    path("set-up/<str:token>/", begin.begin, name="begin"),
    path("staff/welcome/<str:token>/", invitations.welcome, name="welcome"),
    path("staff/setup/", overview.overview, name="overview"),
    path("staff/setup/trial/", overview.trial, name="trial"),
    path("staff/setup/district/", district.district, name="district"),
    path("staff/setup/limits/", limits.limits, name="limits"),
    path("staff/setup/areas/official/", divisions.official, name="official"),
    path("staff/setup/people/invitations/", invitations.invitations, name="invitations"),
    path("staff/setup/catalogue/starter/", catalogue.starter, name="starter"),
    *[
        path(f"staff/setup/{key}/", tables.table, {"step": key}, name=key)
        for key in ("areas", "addresses", "offices", "people", "catalogue")
    ],
    path("staff/setup/<slug:step>/template/", tables.template, name="template"),
    path("staff/setup/<slug:step>/write/", tables.write, name="write"),
]

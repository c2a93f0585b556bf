"""URL root: names the apps as strings, so that the kernel imports none of them."""

from django.urls import include, path

urlpatterns = [
    path("", include("governance.web.urls")),
    path("", include("governance.health.urls")),
    path("", include("governance.access.urls")),
    path("", include("governance.notifications.urls")),
    path("", include("governance.dashboards.urls")),
    path("", include("governance.jobs.urls")),
    path("", include("governance.files.urls")),
    path("", include("grid.urls")),
    path("", include("requests_intake.urls")),
]

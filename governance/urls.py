"""URL root: names the apps as strings, so that the kernel imports none of them."""

from django.urls import include, path

urlpatterns = [
    path("", include("governance.web.urls")),
    path("", include("governance.health.urls")),
    path("", include("governance.administration.urls")),
    path("", include("governance.accounts.urls")),
    path("", include("governance.protection.urls")),
    path("", include("governance.audit.urls")),
    path("", include("governance.knowledge.urls")),
    path("", include("governance.notifications.urls")),
    path("", include("governance.dashboards.urls")),
    path("", include("governance.jobs.urls")),
    path("", include("governance.files.urls")),
    path("", include("grid.urls")),
    path("", include("population.urls")),
    path("", include("requests_intake.urls")),
    path("", include("setup_wizard.urls")),
    path("api/v1/", include("requests_intake.api.urls")),
]

handler400 = "governance.web.views.errors.bad_request"
handler403 = "governance.web.views.errors.forbidden"
handler404 = "governance.web.views.errors.not_found"
handler429 = "governance.web.views.errors.slow_down"
handler500 = "governance.web.views.errors.server_error"

"""Address of the health page."""

from django.urls import path

from governance.health.views import healthz

app_name = "health"
urlpatterns = [path("healthz", healthz, name="healthz")]

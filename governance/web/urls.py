"""Pages of the portal itself."""

from django.urls import path

from governance.web.views import components, home, kept, pages, preferences, work

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
    path("robots.txt", pages.robots, name="robots"),
    path("staff/", work.work, name="work"),
    path("staff/rail/", work.rail, name="rail"),
    path("staff/here/", kept.here, name="here"),
    path("staff/kept/", kept.keep, name="keep"),
    path("staff/kept/drop/", kept.drop, name="kept-drop"),
    path("staff/components/", components.components, name="components"),
]

"""Addresses of the pages about people's data. They stand among those of the review, which reads them."""

from django.urls import path

from governance.protection import views

app_name = "protection"
urlpatterns = [
    path("staff/audit/register/", views.register, name="register"),
    path("staff/audit/register/table/", views.register_table, name="register-table"),
]

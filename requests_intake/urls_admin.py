"""Addresses of the administration pages of request intake."""

from django.urls import path

from requests_intake.views import admin_policies

urlpatterns = [
    path("staff/admin/policies/", admin_policies.policies, name="policies"),
    path("staff/admin/policies/new/", admin_policies.policy_new, name="policy-new"),
    path("staff/admin/policies/<slug:key>/", admin_policies.policy, name="policy"),
    path("staff/admin/policies/<slug:key>/version/", admin_policies.policy_version, name="policy-version"),
    path("staff/admin/policies/<int:pk>/source/", admin_policies.policy_source, name="policy-source"),
    path("staff/admin/policies/<int:pk>/withdraw/", admin_policies.policy_withdraw, name="policy-withdraw"),
]

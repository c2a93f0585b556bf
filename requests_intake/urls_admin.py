"""Addresses of the administration pages of request intake."""

from django.urls import path

from requests_intake.views import (
    admin_catalogue,
    admin_limits,
    admin_matters,
    admin_policies,
    admin_profiles,
    admin_rules,
    admin_standards,
    admin_windows,
)

urlpatterns = [
    path("staff/admin/windows/", admin_windows.windows, name="windows-edit"),
    path("staff/admin/windows/new/", admin_windows.window_new, name="window-new"),
    path("staff/admin/windows/<uuid:public_id>/", admin_windows.window, name="window-edit"),
    path("staff/admin/catalogue/", admin_catalogue.catalogue, name="catalogue"),
    path("staff/admin/catalogue/new/", admin_catalogue.category_new, name="category-new"),
    path("staff/admin/catalogue/<int:pk>/", admin_catalogue.category, name="category"),
    path("staff/admin/catalogue/<int:pk>/edit/", admin_catalogue.category_edit, name="category-edit"),
    path("staff/admin/catalogue/<int:pk>/use/", admin_catalogue.category_use, name="category-use"),
    path("staff/admin/catalogue/<int:pk>/move/", admin_catalogue.category_place, name="category-move"),
    path("staff/admin/catalogue/<int:pk>/delete/", admin_catalogue.category_remove, name="category-delete"),
    path("staff/admin/catalogue/<int:pk>/matters/", admin_matters.category_matters, name="category-matters"),
    path("staff/admin/catalogue/<int:pk>/preview/", admin_catalogue.category_preview, name="category-preview"),
    path("staff/admin/catalogue/<int:pk>/questions/new/", admin_catalogue.question, name="question-new"),
    path("staff/admin/catalogue/<int:pk>/questions/<slug:key>/", admin_catalogue.question, name="question"),
    path(
        "staff/admin/catalogue/<int:pk>/questions/<slug:key>/drop/", admin_catalogue.question_drop, name="question-drop"
    ),
    path("staff/admin/communities/", admin_profiles.profiles, name="profiles"),
    path("staff/admin/communities/<slug:key>/", admin_profiles.profile, name="profile"),
    path("staff/admin/communities/<slug:key>/default/", admin_profiles.profile_default, name="profile-default"),
    path("staff/admin/communities/<slug:key>/preview/", admin_profiles.profile_preview, name="profile-preview"),
    path("staff/admin/rules/", admin_rules.rules, name="rules"),
    path("staff/admin/rules/new/", admin_rules.rule, name="rule-new"),
    path("staff/admin/rules/try/", admin_rules.rules_try, name="rules-try"),
    path("staff/admin/rules/runs/<int:pk>/", admin_rules.rules_run, name="rules-run"),
    path("staff/admin/rules/<int:pk>/", admin_rules.rule, name="rule"),
    path("staff/admin/rules/<int:pk>/acting/", admin_rules.rule_acting, name="rule-acting"),
    path("staff/admin/rules/propose/", admin_rules.rules_propose, name="rules-propose"),
    path("staff/admin/rules/<int:pk>/step/", admin_rules.rule_step, name="rule-step"),
    path("staff/admin/limits/", admin_limits.limits, name="limits"),
    path("staff/admin/limits/turns/<slug:key>/", admin_limits.limit, name="limit"),
    path("staff/admin/limits/reasons/<slug:code>/", admin_limits.reason, name="reason"),
    path("staff/admin/limits/rungs/<int:level>/", admin_limits.rung, name="rung"),
    path("staff/admin/limits/words/", admin_limits.risk_words, name="risk-words"),
    path("staff/admin/standards/", admin_standards.standards, name="standards"),
    path("staff/admin/standards/<int:pk>/", admin_standards.standard, name="standard"),
    path("staff/admin/policies/", admin_policies.policies, name="policies"),
    path("staff/admin/policies/new/", admin_policies.policy_new, name="policy-new"),
    path("staff/admin/policies/<slug:key>/", admin_policies.policy, name="policy"),
    path("staff/admin/policies/<slug:key>/version/", admin_policies.policy_version, name="policy-version"),
    path("staff/admin/policies/<int:pk>/source/", admin_policies.policy_source, name="policy-source"),
    path("staff/admin/policies/<int:pk>/withdraw/", admin_policies.policy_withdraw, name="policy-withdraw"),
]

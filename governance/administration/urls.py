"""Pages of access. The namespace is `access`: that is what they are about."""

from django.urls import path

from governance.administration.views import (
    calendar,
    duties,
    emergency,
    explain,
    grants,
    matrix,
    people,
    policy,
    roles,
    sign_in,
    standing_in,
    tokens,
)

app_name = "access"
urlpatterns = [
    path("staff/sign-in/", sign_in.sign_in, name="sign-in"),
    path("staff/sign-out/", sign_in.sign_out, name="sign-out"),
    path("staff/admin/grants/", grants.grant_list, name="grants"),
    path("staff/admin/grants/new/", grants.grant_new, name="grant-new"),
    path("staff/admin/grants/<int:pk>/end/", grants.grant_stop, name="grant-end"),
    path("staff/admin/people/<uuid:public_id>/", people.person, name="person"),
    path("staff/admin/people/<uuid:public_id>/leave/", people.person_stop, name="person-leave"),
    path("staff/admin/people/<uuid:public_id>/stand-ins/", standing_in.stand_ins, name="stand-ins"),
    path(
        "staff/admin/people/<uuid:public_id>/stand-ins/<uuid:substitute>/end/",
        standing_in.stand_in_end,
        name="stand-in-end",
    ),
    path("staff/admin/people/<uuid:public_id>/second-step/", people.person_reset, name="second-step-reset"),
    path("staff/admin/people/<uuid:public_id>/password/", people.person_password, name="person-password"),
    path("staff/admin/sign-in/", policy.sign_in_policy, name="sign-in-policy"),
    path("staff/admin/emergency/", emergency.emergency, name="emergency"),
    path("staff/admin/emergency/<int:pk>/", emergency.emergency_done, name="emergency-done"),
    path("staff/admin/emergency/<int:pk>/agree/", emergency.emergency_agree, name="emergency-agree"),
    path("staff/admin/emergency/<int:pk>/close/", emergency.emergency_close, name="emergency-close"),
    path("staff/admin/duties/", duties.duties, name="duties"),
    path("staff/admin/roles/", matrix.matrix, name="matrix"),
    path("staff/admin/roles/new/", roles.role_new, name="role-new"),
    path("staff/admin/roles/compare/", roles.role_compare, name="role-compare"),
    path("staff/admin/roles/history/", roles.role_history, name="role-history"),
    path("staff/admin/roles/history/<int:pk>/undo/", roles.role_undo, name="role-undo"),
    path("staff/admin/roles/<slug:key>/reset/", roles.role_reset, name="role-reset"),
    path("staff/admin/roles/<slug:key>/retire/", roles.role_stop, name="role-retire"),
    path("staff/admin/explain/", explain.explain_access, name="explain"),
    path("staff/admin/tokens/", tokens.token_list, name="tokens"),
    path("staff/admin/tokens/new/", tokens.token_new, name="token-new"),
    path("staff/admin/tokens/<uuid:public_id>/revoke/", tokens.token_stop, name="token-revoke"),
    path("staff/admin/calendar/", calendar.calendar, name="calendar"),
    path("staff/admin/calendar/fill/", calendar.calendar_year, name="calendar-year"),
    path("staff/admin/calendar/<str:day>/", calendar.calendar_day, name="calendar-day"),
]

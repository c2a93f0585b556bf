"""Addresses of the pages about people's data. They stand among those of the review, which reads them."""

from django.urls import path

from governance.protection import breach_views, views
from governance.protection.assessments import views as assessment_views
from governance.protection.person_requests import desk_views
from governance.protection.person_requests import views as own_views

app_name = "protection"
urlpatterns = [
    path("staff/audit/register/", views.register, name="register"),
    path("staff/audit/register/table/", views.register_table, name="register-table"),
    path("staff/protection/breaches/", breach_views.breaches, name="breaches"),
    path("staff/protection/breaches/new/", breach_views.breach_new, name="breach-new"),
    path("staff/protection/breaches/policy/", breach_views.breach_policy, name="breach-policy"),
    path("staff/protection/breaches/<uuid:public_id>/", breach_views.breach, name="breach"),
    path("staff/protection/breaches/<uuid:public_id>/edit/", breach_views.breach_edit, name="breach-edit"),
    path("staff/protection/breaches/<uuid:public_id>/<str:step>/", breach_views.breach_step, name="breach-step"),
    path("staff/protection/assessments/", assessment_views.assessments, name="assessments"),
    path("staff/protection/assessments/new/<str:use>/", assessment_views.assessment_new, name="assessment-new"),
    path("staff/protection/assessments/<uuid:public_id>/", assessment_views.assessment, name="assessment"),
    path(
        "staff/protection/assessments/<uuid:public_id>/decision/",
        assessment_views.assessment_decided,
        name="assessment-decision",
    ),
    path(
        "staff/protection/assessments/<uuid:public_id>/end/", assessment_views.assessment_ended, name="assessment-end"
    ),
    path("account/data/", own_views.my_data, name="my-data"),
    path("account/data/new/", own_views.my_data_new, name="my-data-new"),
    path("account/data/<uuid:public_id>/", own_views.my_data_one, name="my-data-one"),
    path("account/data/<uuid:public_id>/copy/", own_views.my_data_copy, name="my-data-copy"),
    path("account/data/<uuid:public_id>/confirm/", own_views.my_data_confirm, name="my-data-confirm"),
    path("account/data/<uuid:public_id>/withdraw/", own_views.my_data_withdraw, name="my-data-withdraw"),
    path("staff/protection/requests/", desk_views.queue, name="person-requests"),
    path("staff/protection/requests/new/", desk_views.taken, name="person-request-new"),
    path("staff/protection/requests/policy/", desk_views.policy, name="person-request-policy"),
    path("staff/protection/requests/<uuid:public_id>/", desk_views.shown, name="person-request"),
    path("staff/protection/requests/<uuid:public_id>/copy/", desk_views.copy, name="person-request-copy"),
    path("staff/protection/requests/<uuid:public_id>/<str:name>/", desk_views.step, name="person-request-step"),
]

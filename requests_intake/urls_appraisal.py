"""Addresses of the appraisal."""

from django.urls import path

from requests_intake.views import appraisal

urlpatterns = [
    path("staff/appraisal/", appraisal.months, name="appraisal"),
    path("staff/appraisal/schemes/", appraisal.schemes, name="schemes"),
    path("staff/appraisal/schemes/new/", appraisal.scheme_new, name="scheme-new"),
    path("staff/appraisal/objections/", appraisal.objections, name="objections"),
    path("staff/appraisal/objections/<int:pk>/", appraisal.objection, name="objection"),
    path("staff/appraisal/items/<int:pk>/object/", appraisal.object_to, name="object-to"),
    path("staff/appraisal/<str:month>/", appraisal.month, name="appraisal-month"),
    path("staff/appraisal/<str:month>/freeze/", appraisal.freeze, name="appraisal-freeze"),
    path("staff/appraisal/<str:month>/publish/", appraisal.publish, name="appraisal-publish"),
    path("staff/appraisal/<str:month>/revise/", appraisal.revise, name="appraisal-revise"),
    path("staff/appraisal/<str:month>/v<int:version>.csv", appraisal.table, name="appraisal-csv"),
    path("staff/appraisal/<str:month>/v<int:version>/<int:pk>/", appraisal.office, name="appraisal-office"),
]

"""Addresses of the staff lists and of the desk beside a request."""

from django.urls import path

from requests_intake.views import (
    alerts,
    bulk,
    desk,
    duty,
    macros,
    printed,
    recordings,
    reply_templates,
    standins,
    worklists,
)

urlpatterns = [
    path("staff/requests/counts/", worklists.counts, name="counts"),
    path("staff/requests/bulk/", bulk.bulk, name="bulk"),
    path("staff/requests/bulk/runs/", bulk.runs, name="bulk-runs"),
    path("staff/requests/bulk/<uuid:public_id>/", bulk.run, name="bulk-run"),
    path("staff/requests/bulk/<uuid:public_id>/resume/", bulk.resume, name="bulk-resume"),
    path("staff/alerts/", alerts.alerts, name="alerts"),
    path("staff/alerts/<int:pk>/answer/", alerts.answer, name="alert-answer"),
    path("staff/requests/<str:number>/alert/", alerts.report, name="alert-raise"),
    path("staff/duty/", duty.duty, name="duty"),
    path("staff/worklists/", worklists.worklists, name="worklists"),
    path("staff/worklists/new/", worklists.save, name="worklist-new"),
    path("staff/worklists/<int:pk>/move/", worklists.move, name="worklist-move"),
    path("staff/worklists/<int:pk>/delete/", worklists.delete, name="worklist-delete"),
    path("staff/requests/<str:number>/desk/", desk.desk, name="desk"),
    path("staff/requests/<str:number>/note/", desk.note, name="note"),
    path("staff/requests/<str:number>/recordings/<uuid:uuid>/", recordings.words, name="recording-words"),
    path("staff/requests/<str:number>/presence/", desk.presence, name="presence"),
    path("staff/requests/<str:number>/template/<int:pk>/", desk.template, name="template-use"),
    path("staff/requests/<str:number>/print/", printed.printed, name="print"),
    path("staff/templates/", reply_templates.templates, name="templates"),
    path("staff/templates/new/", reply_templates.template, name="template-new"),
    path("staff/templates/<int:pk>/", reply_templates.template, name="template"),
    path("staff/requests/<str:number>/macro/<int:pk>/", macros.run, name="macro-run"),
    path("staff/macros/", macros.macros, name="macros"),
    path("staff/macros/new/", macros.macro, name="macro-new"),
    path("staff/macros/<int:pk>/", macros.macro, name="macro"),
    path("staff/macros/<int:pk>/delete/", macros.delete, name="macro-delete"),
    path("staff/stand-ins/", standins.stand_ins, name="stand-ins"),
    path("staff/stand-ins/<int:pk>/end/", standins.end, name="stand-in-end"),
]

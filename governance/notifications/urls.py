"""Addresses of inbox and delivery log."""

from django.urls import path

from governance.notifications.views import blocks, choices, deliveries, demo, inbox, log, robots, templates

app_name = "notifications"
urlpatterns = [
    path("messages/", demo.sent, name="sent"),
    path("staff/inbox/", inbox.show, name="inbox"),
    path("staff/inbox/choices/", choices.own, name="choices"),
    path("staff/messages/blocks/", blocks.blocks, name="blocks"),
    path("staff/messages/blocks/<int:pk>/lift/", blocks.lift, name="block-lift"),
    path("staff/messages/hours/", choices.defaults, name="hours"),
    path("staff/inbox/read/", inbox.mark_all_read, name="read-all"),
    path("staff/inbox/<int:pk>/open/", inbox.open_message, name="open"),
    path("staff/messages/", log.show, name="log"),
    path("staff/messages/robots/", robots.robots, name="robots"),
    path("staff/messages/texts/", templates.kinds, name="templates"),
    path("staff/messages/texts/<str:key>/", templates.kind, name="template"),
    path("staff/messages/texts/<str:key>/restore/", templates.restore, name="template-restore"),
    path("staff/messages/retry/", log.retry, name="retry"),
    path("staff/messages/retry-all/", log.retry_all, name="retry-all"),
    path("staff/messages/deliveries/", deliveries.show, name="deliveries"),
    path("staff/messages/deliveries/retry/", deliveries.retry, name="delivery-retry"),
    path("staff/messages/<int:pk>/", log.detail, name="message"),
]

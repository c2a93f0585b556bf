"""The Celery application: queues, schedule, and what a lost broker may cost (nothing but delay)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

app = Celery("liren")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

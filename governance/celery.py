"""Composition root of the workers: the Celery application."""

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

# filesystem:// means the folder made safe among processes; any other broker is untouched.
TRANSPORT_ALIASES["filesystem"] = "governance.runtime.broker:Transport"

app = Celery("governance")
# Without it only the importing thread would know this app, and a web thread would send into the void.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

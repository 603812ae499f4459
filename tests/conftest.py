"""Starts the embedded database before Django reads its settings."""

import os

os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

from governance.runtime import database

_database = database.available()
_database.__enter__()

#!/usr/bin/env python
"""Runs a management command, on the embedded database unless DATABASE_URL names another."""

import os
import sys

from django.core.management import execute_from_command_line

from governance.runtime import database


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    try:
        with database.available():
            execute_from_command_line(sys.argv)
    except database.CannotStart as error:
        sys.exit(f"The embedded database does not start. {error}")


if __name__ == "__main__":
    main()

"""Lets somebody in who has lost every factor, for whoever has the machine."""

from argparse import ArgumentParser

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from governance.accounts.factors import words_for
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event


class Command(BaseCommand):
    help = "Removes every second factor of a person; their password alone lets in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="User name.")

    def handle(self, *, user: str, **_: object) -> None:
        with transaction.atomic(durable=True):
            owner = User.objects.select_for_update().filter(username=user).first()
            if owner is None:
                raise CommandError(f"There is no user {user}.")
            owned = list(Authenticator.objects.filter(user=owner))
            for factor in owned:
                audit.record(
                    Event.FACTOR_REMOVED,
                    owner,
                    actor=None,
                    factor=words_for(factor),
                    reason="On the machine, by manage.py.",
                )
                factor.delete()
        self.stdout.write(f"{user}: {len(owned)} removed.")

"""`manage.py token USER`: prints a new API token once."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from governance.accounts.models import Scope, User
from governance.accounts.services import create_token
from governance.errors import GovernanceError


class Command(BaseCommand):
    help = "Prints a new API token for a user; it is shown once and stored only as a hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--scopes",
            nargs="+",
            default=Scope.values,
            metavar="SCOPE",
            help=f"any of: {', '.join(Scope.values)} (default: all)",
        )
        parser.add_argument(
            "--days", type=int, default=30, help="how long it lives (default 30)"
        )
        parser.add_argument("--name", default="command line", help="what it is for")

    def handle(
        self, *, username: str, scopes: list[str], days: int, name: str, **_: object
    ) -> None:
        try:
            user = User.objects.get(username=username, is_active=True)
            _token, plain = create_token(
                user, actor=None, name=name, scopes=scopes, life=timedelta(days=days)
            )
        except User.DoesNotExist:
            raise CommandError(f"There is no active user {username}.") from None
        except GovernanceError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(plain)

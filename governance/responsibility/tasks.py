"""The Celery side of responsibility: who is asked to accept, and the month's gaps."""

from celery import shared_task
from django.db import transaction

from governance.accounts.queries import administrators
from governance.responsibility import asking, checking, gaps, mails
from raci.models import Matrix


@shared_task(name="governance.responsibility.tasks.ask_to_accept", expires=600)
def ask_to_accept() -> None:
    asking.ask_again()


@shared_task(name="governance.responsibility.tasks.check_matrices", expires=3600)
def check_matrices() -> None:
    """Finds what time alone has changed: beginnings and ends of roles and deputies, closed accounts."""
    checking.check(Matrix.objects.all())


@shared_task(name="governance.responsibility.tasks.report_gaps")
def report_gaps() -> None:
    """Mails every administrator what the report shows now."""
    everyone = administrators()
    first = everyone.order_by("pk").first()
    if first is None:
        return
    with transaction.atomic():
        mails.report_gaps(
            everyone, [one.sentence for one in gaps.found(gaps.seen_by(first))], first
        )

"""The Celery side of approvals."""

from celery import shared_task

from governance.approvals import escalation, expiry, reminders, silence


@shared_task(name="governance.approvals.tasks.follow_up", expires=300)
def follow_up() -> None:
    """In this order, so that after a downtime nothing ends before somebody was told."""
    silence.note_silence()
    reminders.send_reminders()
    escalation.escalate_overdue()
    expiry.expire_overdue()

"""Says of mail that was sent or given up before there were states that it was; the rest waits."""

from django.db import migrations

MOST_ATTEMPTS = 50  # after which mail was given up then


def say(apps: object, schema_editor: object) -> None:
    rows = apps.get_model("notifications", "Notification").objects.all()
    rows.filter(mailed_at__isnull=False).update(mail_state="sent")
    rows.filter(mailed_at=None, attempts__gte=MOST_ATTEMPTS).update(mail_state="failed")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_how_far_mail_has_come")]

    operations = [migrations.RunPython(say, migrations.RunPython.noop)]

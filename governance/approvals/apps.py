from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "governance.approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.approvals import listeners
        from governance.working_days import house_calendar

        listeners.connect()
        house_calendar()  # a calendar that cannot be meant is told at start, not at the first request

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "governance.proposals"

    def ready(self) -> None:
        from governance.proposals import listeners

        listeners.connect()

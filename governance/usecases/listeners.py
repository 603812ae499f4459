"""What use cases do when responsibilities change: permissions follow in the same transaction."""

from django.db.models import Model

from governance.usecases import services
from governance.usecases.models import UseCase
from raci.queries import scopes_touched_by
from raci.signals import changed


def follow_matrix(subject: Model, **_: object) -> None:
    """One matrix has changed, or, with a person as subject, who stands in for them."""
    slugs = [
        slug
        for prefix, _colon, slug in (
            scope.partition(":") for scope in scopes_touched_by(subject)
        )
        if prefix == "use-case"
    ]
    for use_case in UseCase.objects.filter(slug__in=slugs).order_by("pk"):
        services.derive_grants(use_case)


def connect() -> None:
    changed.connect(follow_matrix, dispatch_uid="usecases.follow_matrix")

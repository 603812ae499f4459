"""What use cases do when responsibilities change: permissions follow in the same transaction."""

from django.db.models import Model

from governance.usecases import services
from governance.usecases.models import UseCase
from raci.models import Matrix
from raci.queries import scopes_held_by
from raci.signals import changed


def follow_matrix(subject: Model, **_: object) -> None:
    """One matrix has changed, or, with a person as subject, who stands in for them."""
    scopes = [subject.scope] if isinstance(subject, Matrix) else list(scopes_held_by(subject))
    slugs = [
        slug
        for prefix, _colon, slug in (scope.partition(":") for scope in scopes)
        if prefix == "use-case"
    ]
    for use_case in UseCase.objects.filter(slug__in=slugs).order_by("pk"):
        services.derive_grants(use_case)


def connect() -> None:
    changed.connect(follow_matrix, dispatch_uid="usecases.follow_matrix")

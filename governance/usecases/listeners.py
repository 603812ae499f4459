"""What use cases do when responsibilities change: permissions follow in the same transaction."""

from governance.usecases import services
from governance.usecases.models import UseCase
from raci.models import Matrix
from raci.signals import changed


def follow_matrix(subject: Matrix, **_: object) -> None:
    prefix, _colon, slug = subject.scope.partition(":")
    use_case = UseCase.objects.filter(slug=slug).first() if prefix == "use-case" else None
    if use_case:
        services.derive_grants(use_case)


def connect() -> None:
    changed.connect(follow_matrix, dispatch_uid="usecases.follow_matrix")

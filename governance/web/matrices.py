"""The matrix of a use case that a page is about."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from governance.usecases.models import UseCase
from raci.models import Matrix


def seen_matrix(request: HttpRequest, slug: str) -> tuple[UseCase, Matrix]:
    """The use case and its matrix; 404 where the reader sees none."""
    use_case = get_object_or_404(UseCase.objects.visible_to(request.user), slug=slug)
    return use_case, get_object_or_404(Matrix, scope=use_case.scope)

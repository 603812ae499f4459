"""Asking for a decision: that a version goes on serving or retires, a lower tier, a base model."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject

from governance.approvals.kinds import Kind
from governance.approvals.models import Request
from governance.approvals.ways import OF_THE_HOUSE
from governance.proposals import services as proposals
from governance.release import asking
from governance.release.standing import Standing
from governance.usecases.models import UseCase
from governance.web.errors import told
from governance.web.forms import asking as forms
from raci import queries as raci
from registry.models import ModelVersion, PointerKind

CHAMPION = "champion"
Ask = Callable[..., Request]


@login_required
def revalidation(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _about_version(request, name, number, Kind.REVALIDATION, asking.request_revalidation)


@login_required
def retirement(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _about_version(request, name, number, Kind.RETIREMENT, asking.request_retirement)


@login_required
def lower_tier(request: HttpRequest, slug: str) -> HttpResponse:
    found = _use_case(request, slug)
    form = forms.LowerTierForm(request.POST or None, use_case=found)
    return _about_use_case(request, found, Kind.LOWER_TIER, form, proposals.ask_lower_tier)


@login_required
def base_model(request: HttpRequest, slug: str) -> HttpResponse:
    found = _use_case(request, slug)
    form = forms.BaseModelForm(request.POST or None)
    return _about_use_case(request, found, Kind.BASE_MODEL, form, proposals.ask_base_model)


def _about_version(
    request: HttpRequest, name: str, number: int, kind: Kind, ask: Ask
) -> HttpResponse:
    seen = ModelVersion.objects.visible_to(request.user).select_related("model")
    found = get_object_or_404(seen, model__name=name, number=number)
    pointer = request.GET.get("pointer", CHAMPION)
    pointer_kind = request.GET.get("kind", PointerKind.ALIAS)
    standing = Standing(found, pointer, pointer_kind=pointer_kind)
    context = {
        "subject": found,
        "pointer": pointer,
        # read when the page is shown only: the service looks for itself
        "obstacles": SimpleLazyObject(lambda: asking.obstacles_to(kind, standing)),
    }
    return _asked(
        request,
        kind,
        forms.AskingForm(request.POST or None),
        ask,
        context,
        version=found,
        alias=pointer,
        pointer_kind=pointer_kind,
    )


def _about_use_case(
    request: HttpRequest, found: UseCase, kind: Kind, form: Form, ask: Ask
) -> HttpResponse:
    context = {"subject": found, "signers": _signers(found, kind)}
    return _asked(request, kind, form, ask, context, use_case=found)


def _signers(found: UseCase, kind: Kind) -> list[str]:
    """Whom the steps of the house ask, as “Accountable for …”."""
    steps = OF_THE_HOUSE[kind].steps
    titles = raci.activity_titles(found.scope, {step.activity for step in steps})
    return [
        raci.wanted(step.duty, titles.get(step.activity, step.activity), found.title)
        for step in steps
    ]


def _asked(
    request: HttpRequest,
    kind: Kind,
    form: Form,
    ask: Ask,
    context: dict[str, Any],
    **subject: Any,
) -> HttpResponse:
    """The page of the form, or the request that was opened."""
    if request.method == "POST" and form.is_valid():
        with told(form):
            return redirect(ask(actor=request.user, **subject, **form.cleaned_data))
    status = 422 if request.method == "POST" else 200
    context = {"kind": kind, "form": form, **context}
    return render(request, f"asking/{kind}.html", context, status=status)


def _use_case(request: HttpRequest, slug: str) -> UseCase:
    return get_object_or_404(UseCase.objects.visible_to(request.user), slug=slug)

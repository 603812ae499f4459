"""The model card as a page, as Markdown and as JSON, and the form for what people write on it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.cards import document, queries, services
from governance.cards import render as rendering
from governance.web.errors import told
from governance.web.forms.cards import CardForm
from registry.models import ModelVersion

GATE = "review"


@login_required
def card(request: HttpRequest, name: str, number: int) -> HttpResponse:
    version = _visible(request, name, number)
    return _page(request, version, CardForm(initial=queries.writing(version).texts))


@login_required
@require_POST
def edit(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Writes the texts; those that were carried over count as confirmed by being sent."""
    version = _visible(request, name, number)
    form = CardForm(request.POST)
    if form.is_valid():
        with told(form):
            services.revise(version, actor=request.user, **form.cleaned_data)
            return redirect("web:card", name, number)
    return _page(request, version, form, status=422)


@login_required
def markdown(request: HttpRequest, name: str, number: int) -> HttpResponse:
    text = rendering.markdown(document.build(_visible(request, name, number)))
    return _download(
        HttpResponse(text, content_type="text/markdown; charset=utf-8"), name, number, "md"
    )


@login_required
def as_json(request: HttpRequest, name: str, number: int) -> HttpResponse:
    built = rendering.json(document.build(_visible(request, name, number)))
    return _download(JsonResponse(built, json_dumps_params={"indent": 2}), name, number, "json")


def _page(
    request: HttpRequest, version: ModelVersion, form: CardForm, *, status: int = 200
) -> HttpResponse:
    built = document.build(version)
    context = {
        "version": version,
        "document": built,
        "completeness": document.completeness(built, GATE),
        "form": form,
        "reasons": queries.not_entitled(request.user, version),
        "carried_over": queries.writing(version).carried_over,
    }
    return render(request, "cards/page.html", context, status=status)


def _visible(request: HttpRequest, name: str, number: int) -> ModelVersion:
    visible = ModelVersion.objects.visible_to(request.user).select_related("model")
    return get_object_or_404(visible, model__name=name, number=number)


def _download(response: HttpResponse, name: str, number: int, ending: str) -> HttpResponse:
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    response["Content-Disposition"] = f'attachment; filename="card-{safe}-v{number}.{ending}"'
    return response

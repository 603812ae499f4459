"""A person's page: what they answer for, who stands in, and what they have accepted."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.responsibility.asking import changed_at
from governance.responsibility.person import Accepting, answers, visible_people
from governance.web.errors import told
from governance.web.forms.people import AbsenceForm, DeputyForm, HandOverForm
from governance.web.matrices import seen_matrix
from raci import acceptance, holding, queries
from raci.models import Absence, Deputy


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    return redirect("web:person", request.user.username)


@login_required
def person(request: HttpRequest, username: str) -> HttpResponse:
    return _page(request, _visible(request, username))


@login_required
@require_POST
def name_deputy(request: HttpRequest, username: str) -> HttpResponse:
    one = _visible(request, username)
    form = DeputyForm(request.POST, person=one, prefix="deputy")
    if form.is_valid():
        with told(form):
            deputy, matrix = form.cleaned_data["deputy"], form.cleaned_data["matrix"]
            holding.name_deputy(one, deputy, actor=request.user, matrix=matrix, **form.period)
            messages.success(request, f"{deputy} stands in for {one} and is mailed.")
            return redirect("web:person", username)
    return _page(request, one, deputy_form=form)


@login_required
@require_POST
def end_deputy(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    one = _visible(request, username)
    holding.end_deputy(get_object_or_404(Deputy, person=one, pk=pk), actor=request.user)
    return redirect("web:person", username)


@login_required
@require_POST
def enter_absence(request: HttpRequest, username: str) -> HttpResponse:
    one = _visible(request, username)
    form = AbsenceForm(request.POST, prefix="absence")
    if form.is_valid():
        with told(form):
            holding.enter_absence(one, actor=request.user, **form.period)
            messages.success(request, "Entered. Deputies carry the duties in that time.")
            return redirect("web:person", username)
    return _page(request, one, absence_form=form)


@login_required
@require_POST
def end_absence(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    one = _visible(request, username)
    holding.end_absence(get_object_or_404(Absence, person=one, pk=pk), actor=request.user)
    return redirect("web:person", username)


@login_required
@require_POST
def hand_over(request: HttpRequest, username: str) -> HttpResponse:
    one = _visible(request, username)
    form = HandOverForm(request.POST, person=one, prefix="over")
    if form.is_valid():
        with told(form):
            fields = form.cleaned_data
            moved = holding.hand_over(
                one,
                fields["to"],
                actor=request.user,
                reason=fields["reason"],
                scope=fields["matrix"].scope if fields["matrix"] else None,
            )
            roles = sum(len(part.roles) for part in moved)
            words = f"{roles} role{'s' if roles != 1 else ''} went to {fields['to']}."
            stays = [queries.membership_sentence(row) for part in moved for row in part.stays]
            messages.success(request, " ".join([words, "Both are mailed.", *stays]))
            return redirect("web:person", username)
    return _page(request, one, over_form=form)


@login_required
def accept(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows what the reader holds in a matrix, and accepts just that."""
    use_case, matrix = seen_matrix(request, slug)
    if request.method == "POST":
        holding.accept(request.user, matrix, request.POST.get("digest", ""))
        messages.success(request, f"You have accepted your duties in {use_case.title}.")
        return redirect("web:acceptance", slug)
    held = acceptance.of_person(request.user, matrix)
    changes = changed_at([held]) if held else {}
    context = {
        "use_case": use_case,
        "accepting": Accepting(held, changes.get(matrix.pk)) if held else None,
    }
    return render(request, "people/acceptance.html", context)


def _visible(request: HttpRequest, username: str) -> User:
    return get_object_or_404(visible_people(request.user), username=username)


def _page(
    request: HttpRequest,
    one: User,
    *,
    deputy_form: DeputyForm | None = None,
    absence_form: AbsenceForm | None = None,
    over_form: HandOverForm | None = None,
) -> HttpResponse:
    forms: dict[str, Form] = {}
    if holding.may_speak_for(request.user, one):
        forms = {
            "deputy_form": deputy_form or DeputyForm(person=one, prefix="deputy"),
            "absence_form": absence_form or AbsenceForm(prefix="absence"),
            "over_form": over_form or HandOverForm(person=one, prefix="over"),
        }
    if request.method == "POST" and not forms:
        # what such a reader is refused is said by the service, and written down
        holding.refuse_to_speak_for(request.user, one)
    context = {
        "answers": answers(one),
        "is_me": one == request.user,
        "is_administrator": is_administrator(request.user),
        **forms,
    }
    return render(
        request, "people/page.html", context, status=422 if request.method == "POST" else 200
    )

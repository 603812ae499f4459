"""The approver's page: frozen evidence on the left, the decision on the right."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.approvals import queries, services
from governance.approvals.models import Request
from governance.audit.models import Entry
from governance.dashboards.review import Evidence
from governance.web.errors import told
from governance.web.forms.review import AdviceForm, VoteForm, WithdrawForm


@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@login_required
@require_POST
@sensitive_post_parameters("password")
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs the step that is open; a refusal keeps what was typed, but the password."""
    found = _visible(request, pk)
    form = VoteForm(request.POST)
    step = queries.step_for(found, request.user) or found.steps.last()
    if form.is_valid():
        with told(form):
            services.vote(step, actor=request.user, **form.cleaned_data)
            messages.success(request, "Signed. It is on the record with your name and reason.")
            return redirect(found)
    return _page(request, found, vote_form=form, status=422)


@login_required
@require_POST
def advise(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    consultation = get_object_or_404(found.consultations, user=request.user)
    form = AdviceForm(request.POST)
    if form.is_valid():
        with told(form):
            services.advise(consultation, actor=request.user, **form.cleaned_data)
            messages.success(request, "Your advice stands beside the request.")
            return redirect(found)
    return _page(request, found, advice_form=form, status=422)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    form = WithdrawForm(request.POST, prefix="withdraw")
    if form.is_valid():
        with told(form):
            services.withdraw(found, actor=request.user, **form.cleaned_data)
            return redirect(found)
    return _page(request, found, withdraw_form=form, status=422)


def _visible(request: HttpRequest, pk: int) -> Request:
    return get_object_or_404(Request.objects.visible_to(request.user).with_steps(), pk=pk)


def _page(
    request: HttpRequest,
    found: Request,
    *,
    vote_form: VoteForm | None = None,
    advice_form: AdviceForm | None = None,
    withdraw_form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    step = queries.step_for(found, request.user)
    consultations = list(found.consultations.select_related("user"))
    asked = next((one for one in consultations if one.user_id == request.user.pk), None)
    context = {
        "found": found,
        "evidence": Evidence(found.evidence),
        "step": step,
        "progress": queries.progress(found),
        "capacity": queries.capacity_of(found, request.user),
        "refusals": queries.vote_refusals(step, request.user) if step else [],
        "consultations": consultations,
        "asked": asked,
        "vote_form": vote_form or VoteForm(),
        "advice_form": advice_form or AdviceForm(),
        "withdraw_form": withdraw_form or WithdrawForm(prefix="withdraw"),
        "may_withdraw": found.is_open and found.requester_id == request.user.pk,
        "entries": Entry.objects.about(found)[:20],
    }
    return render(request, "review/page.html", context, status=status)

"""The approver's page: frozen evidence on the left, the decision on the right, the talk below."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.accounts import factors
from governance.accounts.authentication import Signed
from governance.approvals import findings, following, looks, queries, rework, services, talk
from governance.approvals.filters import RequestListFilter
from governance.approvals.kinds import PERMITS
from governance.approvals.models import Comment, Finding, Look, Request
from governance.audit.models import Entry
from governance.dashboards.review import Evidence
from governance.web.errors import told
from governance.web.forms import review as forms
from governance.web.partial import is_partial
from governance.web.passkeys import challenge


@login_required
def requests(request: HttpRequest) -> HttpResponse:
    """Lists the requests this person may see, newest first; figures lead here to what they count."""
    visible = Request.objects.visible_to(request.user).with_steps()
    found = RequestListFilter(request.GET, visible)
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    template = "review/_table.html" if is_partial(request) else "review/requests.html"
    return render(request, template, {"filter": found, "page": page})


@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@login_required
@require_POST
@sensitive_post_parameters("password", "code", "passkey")
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs the step that is open, on the evidence that the page showed.

    A refusal keeps what was typed, but what confirms it; the page it comes with shows, and signs,
    the evidence as it is now.
    """
    found = _visible(request, pk)
    form = _vote_form(request, found, request.POST)
    rows = forms.ConditionForms(request.POST, prefix="conditions")
    step = queries.step_for(found, request.user) or found.steps.last()
    if form.is_valid() & rows.is_valid():
        with told(form):
            services.vote(
                step,
                actor=request.user,
                conditions=forms.conditions(rows),
                evidence_digest=request.POST.get("evidence_digest", ""),
                **form.cleaned_data,
            )
            messages.success(request, "Signed. It is on the record with your name and reason.")
            return redirect(found)
    return _page(request, found, vote_form=form, condition_forms=rows, status=422)


@login_required
@require_POST
def passkey(request: HttpRequest, pk: int) -> JsonResponse:
    """What the signer's passkey is asked, for this request and the evidence as it is now."""
    found = _visible(request, pk)
    return challenge(request, Signed(found, found.evidence_digest))


@login_required
@require_POST
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins a new round on the evidence as it is now."""
    found = _visible(request, pk)
    form = forms.RoundForm(request.POST, prefix="round")
    if form.is_valid():
        with told(form):
            rework.hand_in_again(found, actor=request.user, **form.cleaned_data)
            messages.success(request, "Handed in again. Those who sign are asked again.")
            return redirect(found)
    return _page(request, found, round_form=form, status=422)


@login_required
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks about the request or a piece of its evidence, or answers with `reply_to`."""
    found = _visible(request, pk)
    if number := request.POST.get("reply_to", ""):
        top = get_object_or_404(found.comments, pk=number if number.isdecimal() else 0)
        form: Form = forms.ReplyForm(request.POST, prefix=f"reply-{top.pk}")
        more: dict[str, Any] = {"reply_to": top}
    else:
        form = forms.CommentForm(
            request.POST, prefix="comment", pieces=Evidence(found.evidence).pieces
        )
        more = {}
    if form.is_valid():
        with told(form):
            talk.comment(found, actor=request.user, **form.cleaned_data, **more)
            return redirect(f"{found.get_absolute_url()}#talk")
    return _page(request, found, talk_form=form, status=422)


@login_required
@require_POST
def advise(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    consultation = get_object_or_404(found.consultations, user=request.user)
    form = forms.AdviceForm(request.POST)
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
    form = forms.WithdrawForm(request.POST, prefix="withdraw")
    if form.is_valid():
        with told(form):
            services.withdraw(found, actor=request.user, **form.cleaned_data)
            return redirect(found)
    return _page(request, found, withdraw_form=form, status=422)


@login_required
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner of a condition says what was done."""
    return _finding_act(request, pk, forms.ReportForm, findings.report)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    return _finding_act(request, pk, Form, findings.close)


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _finding_act(request, pk, forms.ReopenForm, findings.reopen)


def _finding_act(
    request: HttpRequest, pk: int, form_class: type[Form], act: Any
) -> HttpResponse:
    finding = get_object_or_404(Finding.objects.visible_to(request.user), pk=pk)
    found = _visible(request, finding.request_id)
    form = form_class(request.POST, prefix=f"finding-{pk}")
    if form.is_valid():
        with told(form):
            act(finding, actor=request.user, **form.cleaned_data)
            return redirect(f"{found.get_absolute_url()}#conditions")
    return _page(request, found, finding_form=form, status=422)


def _visible(request: HttpRequest, pk: int) -> Request:
    seen = Request.objects.visible_to(request.user).with_steps()
    return get_object_or_404(seen.select_related("policy_version"), pk=pk)


def _page(
    request: HttpRequest, found: Request, *, status: int = 200, **typed: Form
) -> HttpResponse:
    """The page; `typed` are the forms of an act that was refused, with what was typed."""
    user, evidence = request.user, Evidence(found.evidence)
    step = queries.step_for(found, user)
    consultations = list(found.consultations.select_related("user"))
    asked = next((one for one in consultations if one.user_id == user.pk), None)
    is_requester = found.requester_id == user.pk
    rounds = list(found.former_accounts.defer("evidence")) if found.round > 1 else []
    conditions = _conditions(found, request, typed.get("finding_form"))
    threads = _threads(found, typed.get("talk_form"))
    shown = looks.Shown(
        found,
        [one for row in threads for one in (row["top"], *row["top"].replies.all())],
        consultations,
        [row["finding"] for row in conditions],
        rounds,
    )
    look = _look(request, shown)
    context = {
        "look": look,
        "news": looks.news(look, shown, user),
        "next": following.after_signing(found, step) if step else "",
        "found": found,
        "evidence": evidence,
        "evidence_template": "review/_version.html"
        if found.kind in PERMITS
        else "review/_case.html",
        "step": step,
        "progress": queries.progress(found),
        "capacity": queries.capacity_of(found, user),
        "refusals": queries.vote_refusals(step, user) if step else [],
        "consultations": consultations,
        "asked": asked,
        "rounds": rounds,
        "conditions": conditions,
        "threads": threads,
        "pieces": dict(evidence.pieces),
        "vote_form": typed.get("vote_form") or _vote_form(request, found),
        "condition_forms": forms.ConditionForms(prefix="conditions"),
        "round_form": forms.RoundForm(prefix="round"),
        "comment_form": forms.CommentForm(prefix="comment", pieces=evidence.pieces),
        "advice_form": forms.AdviceForm(),
        "withdraw_form": forms.WithdrawForm(prefix="withdraw"),
        "may_withdraw": found.is_undecided and is_requester,
        "may_hand_in": found.is_undecided and is_requester,
        "entries": Entry.objects.about(found)[:20],
    }
    if isinstance(typed.get("talk_form"), forms.CommentForm):
        context["comment_form"] = typed["talk_form"]
    return render(request, "review/page.html", context | typed, status=status)


def _look(request: HttpRequest, shown: looks.Shown) -> Look | None:
    """Notes that the reader looks, where somebody looks: a page fetched ahead was seen by nobody."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method == "GET" and not ahead:
        return looks.note(shown, request.user)
    return looks.remembered(shown.request, request.user)


def _vote_form(
    request: HttpRequest, found: Request, data: QueryDict | None = None
) -> forms.VoteForm:
    return forms.VoteForm(
        data,
        factors=factors.of(request.user),
        two_factors=queries.takes_two_factors(found),
    )


def _conditions(found: Request, request: HttpRequest, typed: Form | None) -> list[dict]:
    """Each condition with the form of the act that is this person's."""
    rows = []
    for one in found.findings.select_related("vote"):
        prefix = f"finding-{one.pk}"
        form: Form | None = None
        if one.state in ("todo", "overdue") and one.owner_id == request.user.pk:
            form = forms.ReportForm(prefix=prefix)
        elif one.state == "reported" and one.vote.user_id == request.user.pk:
            form = forms.ReopenForm(prefix=prefix)
        if typed is not None and typed.prefix == prefix:
            form = typed
        rows.append({"finding": one, "form": form})
    return rows


def _threads(found: Request, typed: Form | None) -> list[dict]:
    """Questions with their answers, each with a form for another answer."""
    replies = Prefetch("replies", Comment.objects.order_by("pk"))
    tops = found.comments.filter(reply_to=None).prefetch_related(replies)
    threads = []
    for top in tops:
        prefix = f"reply-{top.pk}"
        is_typed = typed is not None and typed.prefix == prefix
        form = typed if is_typed else forms.ReplyForm(prefix=prefix)
        threads.append({"top": top, "form": form, "is_open": is_typed})
    return threads

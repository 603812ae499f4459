"""Exceptions: asking beside a red rule, the page on which they are signed, and the list of all."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.accounts import factors
from governance.accounts.authentication import Signed
from governance.audit.models import Entry
from governance.blessing.exempting import ask_exception, exemptible
from governance.blessing.models import Blessing
from governance.exceptions import queries, seats, services
from governance.exceptions.filters import ExceptionListFilter
from governance.exceptions.models import RuleException
from governance.exceptions.rules import may_sign
from governance.web.errors import told
from governance.web.forms.exceptions import AskForm, EndForm, SignForm
from governance.web.partial import is_partial
from governance.web.passkeys import challenge


@login_required
def exceptions(request: HttpRequest) -> HttpResponse:
    """Lists the exceptions of models this person may see, newest first."""
    visible = RuleException.objects.visible_to(request.user).select_related("version__model")
    found = ExceptionListFilter(request.GET, visible)
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    template = "exceptions/_table.html" if is_partial(request) else "exceptions/page.html"
    return render(request, template, {"filter": found, "page": page})


@login_required
def ask(request: HttpRequest, blessing: int, position: int) -> HttpResponse:
    """Asks about one red rule of the newest verdict."""
    seen = Blessing.objects.visible_to(request.user).select_related(
        "version__model__governed__use_case", "policy_version__policy", "evaluation"
    )
    found = get_object_or_404(seen, pk=blessing)
    rule = exemptible(found, position)
    refusals = queries.asking_refusals(found.version, request.user)
    last_day = None if refusals else queries.last_day(found.version)
    form = AskForm(request.POST or None, last_day=last_day)
    if request.method == "POST" and form.is_valid():
        with told(form):
            asked = ask_exception(found, position, actor=request.user, **form.cleaned_data)
            messages.success(request, "Asked for. Those who may grant it are mailed.")
            return redirect(asked)
    context = {"blessing": found, "rule": rule, "refusals": refusals, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "exceptions/ask.html", context, status=status)


@login_required
def exception(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@login_required
@require_POST
@sensitive_post_parameters("password", "code", "passkey")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Grants or refuses; what was typed is kept after a refusal, but what confirms it."""
    found = _visible(request, pk)
    form = _sign_form(request, found, request.POST)
    if form.is_valid():
        with told(form):
            services.sign(found, actor=request.user, **form.cleaned_data)
            messages.success(request, "Signed. It is on the record with your name and reason.")
            return redirect(found)
    return _page(request, found, sign_form=form, status=422)


@login_required
@require_POST
def passkey(request: HttpRequest, pk: int) -> JsonResponse:
    """What the signer's passkey is asked, for this exception as it stands now."""
    found = _visible(request, pk)
    return challenge(request, Signed(found, found.digest))


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _visible(request, pk), EndForm(request.POST, prefix="end")
    if form.is_valid():
        with told(form):
            services.withdraw(found, actor=request.user, **form.cleaned_data)
            return redirect(found)
    return _page(request, found, end_form=form, status=422)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _visible(request, pk), EndForm(request.POST, prefix="end")
    if form.is_valid():
        with told(form):
            services.revoke(found, actor=request.user, **form.cleaned_data)
            messages.success(request, "Revoked. What was cleared on it has lapsed.")
            return redirect(found)
    return _page(request, found, end_form=form, status=422)


def _visible(request: HttpRequest, pk: int) -> RuleException:
    seen = RuleException.objects.visible_to(request.user).with_signatures()
    return get_object_or_404(
        seen.select_related("version__model__governed__use_case", "version__created_by"), pk=pk
    )


def _sign_form(
    request: HttpRequest, found: RuleException, data: QueryDict | None = None
) -> SignForm:
    return SignForm(
        data,
        factors=factors.of(request.user),
        two_factors=queries.takes_two_factors(found),
    )


def _page(
    request: HttpRequest,
    found: RuleException,
    *,
    sign_form: SignForm | None = None,
    end_form: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = queries.signing_facts(found, request.user) if found.is_asked else None
    context = {
        "found": found,
        "progress": seats.progress(found),
        "capacity": facts.capacity if facts else "",
        "refusals": may_sign(facts) if facts else [],
        "sign_form": sign_form or _sign_form(request, found),
        "end_form": end_form or EndForm(prefix="end"),
        "may_withdraw": found.is_asked and not queries.withdrawal_refusals(found, request.user),
        "may_revoke": found.is_granted and not queries.revocation_refusals(found, request.user),
        "entries": Entry.objects.about(found)[:20],
    }
    return render(request, "exceptions/exception.html", context, status=status)

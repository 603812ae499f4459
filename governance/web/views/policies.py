"""Policies as people read, write, review and publish them: the checklist beside the text."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.accounts import factors
from governance.accounts.authentication import Signed
from governance.accounts.factors import Factors
from governance.accounts.queries import may_edit_policies
from governance.backtests.queries import tried_on_the_past
from governance.dashboards import policy as reading
from governance.policies import inspection, life, services
from governance.policies.inspection import Inspected
from governance.policies.models import Policy, PolicyVersion
from governance.policies.starters import find_starter, starters
from governance.usecases.models import UseCase
from governance.web.errors import told
from governance.web.forms.policies import DraftForm, PolicyReasonForm, PublishForm
from governance.web.passkeys import challenge

PEOPLE = (
    "created_by",
    "revised_by",
    "submitted_by",
    "returned_by",
    "published_by",
    "retired_by",
)
# Longer texts are refused whole, so no line of theirs is worth marking.
MOST_LINES = 2000


def _versions(request: HttpRequest) -> QuerySet[PolicyVersion]:
    visible = PolicyVersion.objects.visible_to(request.user)
    return visible.select_related("policy", "base_version__policy", *PEOPLE).order_by("-number")


@login_required
def policies(request: HttpRequest) -> HttpResponse:
    """Lists the policies, the version in force first, then what is being written."""
    visible = PolicyVersion.objects.visible_to(request.user).values("policy")
    rows = Policy.objects.filter(pk__in=visible).prefetch_related(
        Prefetch("versions", queryset=_versions(request))
    )
    context = {"policies": rows, "can_edit": may_edit_policies(request.user)}
    return render(request, "policies/page.html", context)


@login_required
def policy(request: HttpRequest, name: str, number: int | None = None) -> HttpResponse:
    """Shows one version: the one asked for, else the one in force, else the newest."""
    return _page(request, name, number)


@login_required
def draft(request: HttpRequest, name: str = "") -> HttpResponse:
    """Edits the draft of a policy, or begins one from the newest version or a starter."""
    found = _versions(request).filter(policy__name=name).first()
    if name and found is None:
        raise Http404
    form = DraftForm(request.POST or None, initial=_begun(request, found))
    status = 200
    if request.method == "POST":
        saved = _save_or_check(request, form, found)
        if saved is not None:
            return redirect(saved)
        status = 422 if "check" not in request.POST else 200
    text = str(form["text"].value() or "")
    context = {
        "form": form,
        "policy_name": name,
        "version": found,
        "starters": [] if name else starters(),
        "can_edit": may_edit_policies(request.user),
        **_checked(text, name, request),
    }
    return render(request, "policies/draft.html", context, status=status)


@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Checks a text while it is being written; a fragment."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    name = request.POST.get("name", "")[:80]
    return render(
        request, "policies/_checked.html", {**_checked(text, name, request), "live": True}
    )


@login_required
@require_POST
def submit(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _act(request, name, number, services.submit)


@login_required
@require_POST
@sensitive_post_parameters("password", "code", "passkey")
def publish(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Signs and publishes; a refusal keeps the reason, but not what confirms it."""
    version = _visible(request, name, number)
    form = _publish_form(request, version, request.POST)
    if form.is_valid():
        with told(form):
            return redirect(services.sign(version, actor=request.user, **form.cleaned_data))
    return _page(request, name, number, {"publish": form}, status=422)


@login_required
@require_POST
def passkey(request: HttpRequest, name: str, number: int) -> JsonResponse:
    """What the signer's passkey is asked, for this text."""
    version = _visible(request, name, number)
    return challenge(request, Signed(version, version.digest))


@login_required
@require_POST
def retire(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _act(request, name, number, services.retire)


@login_required
@require_POST
def send_back(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _act_with_reason(request, name, number, services.send_back)


@login_required
@require_POST
def discard(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _act_with_reason(request, name, number, services.discard)


def _publish_form(
    request: HttpRequest, version: PolicyVersion, data: QueryDict | None = None
) -> PublishForm:
    """What the reader signs with; the second factors matter only where there is something to sign."""
    return PublishForm(
        data,
        factors=factors.of(request.user) if version.is_in_review else Factors(),
        two_factors=False,
        initial={"seen": version.digest},
    )


def _act(request: HttpRequest, name: str, number: int, act: Callable) -> HttpResponse:
    return redirect(act(_visible(request, name, number), actor=request.user))


def _act_with_reason(
    request: HttpRequest, name: str, number: int, act: Callable
) -> HttpResponse:
    """Does what needs a reason; without one the page comes back with what was written."""
    version = _visible(request, name, number)
    form = PolicyReasonForm(request.POST, prefix=act.__name__)
    if form.is_valid():
        with told(form):
            return redirect(act(version, actor=request.user, **form.cleaned_data))
    return _page(request, name, number, {act.__name__: form}, status=422)


def _page(
    request: HttpRequest,
    name: str,
    number: int | None,
    forms: dict[str, PolicyReasonForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    versions = list(_versions(request).filter(policy__name=name))
    version = _chosen(versions, number)
    use_cases = list(UseCase.objects.visible_to(request.user).order_by("title"))
    context = {
        "policy": version.policy,
        "versions": versions,
        "version": version,
        "checklist": reading.checklist(version.parsed, version.text),
        "compared": reading.compared(version, versions, _against(request)),
        "earlier": [one for one in versions if one.number != version.number],
        "standing": inspection.base_standing(version),
        "reach": reading.reach(version, use_cases),
        "back_test": tried_on_the_past(version, request.user),
        "acts": life.acts(version, request.user),
        "publish_form": (forms or {}).get("publish") or _publish_form(request, version),
        "forms": {
            act: (forms or {}).get(act) or PolicyReasonForm(prefix=act)
            for act in ("send_back", "discard")
        },
        "can_edit": may_edit_policies(request.user),
        "open": next((one for one in versions if one.is_draft or one.is_in_review), None),
    }
    return render(request, "policies/policy.html", context, status=status)


def _begun(request: HttpRequest, found: PolicyVersion | None) -> dict[str, str]:
    """What the form holds before anybody typed: the draft, the newest text, or a starter."""
    if found is not None:
        seen = found.digest if found.is_draft else ""
        return {"name": found.policy.name, "text": found.text, "seen": seen}
    starter = find_starter(request.GET.get("starter", ""))
    if starter is None:
        return {}
    return {"name": starter.name, "text": starter.text}


def _save_or_check(
    request: HttpRequest, form: DraftForm, found: PolicyVersion | None
) -> PolicyVersion | None:
    """Saves what was sent; None where there are problems or where it was only to be checked."""
    if not form.is_valid() or "check" in request.POST:
        return None
    data = form.cleaned_data
    with told(form):
        if found and found.is_draft:
            return services.revise(found, data["text"], actor=request.user, seen=data["seen"])
        return services.draft(data["name"], data["text"], actor=request.user)
    return None


def _checked(text: str, name: str, request: HttpRequest) -> dict[str, object]:
    """A text with its problems at their lines, and how it reads.

    What was only opened is checked by itself; where it would apply is looked at a moment later.
    """
    user = request.user if request.method == "POST" else None
    found = inspection.inspect(text, name, user=user) if text.strip() else Inspected(())
    document = found.resolved.document if found.resolved else None
    return {
        "checked": found,
        "lines": reading.text_lines(text, found.problems, found.notes, MOST_LINES),
        "checklist": reading.checklist(document, text) if document else None,
    }


def _visible(request: HttpRequest, name: str, number: int) -> PolicyVersion:
    return get_object_or_404(_versions(request), policy__name=name, number=number)


def _chosen(versions: list[PolicyVersion], number: int | None) -> PolicyVersion:
    wanted = [one for one in versions if (one.number == number if number else one.is_published)]
    if wanted or (versions and not number):
        return (wanted or versions)[0]
    raise Http404


def _against(request: HttpRequest) -> int | None:
    asked = request.GET.get("against", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None

"""Policies as people read them: the checklist beside the text."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.queries import may_edit_policies
from governance.policies import services
from governance.policies.models import Policy, PolicyVersion
from governance.web.errors import told
from governance.web.forms.policies import DraftForm
from raci.defaults import default_grid


def _versions(request: HttpRequest) -> Prefetch:
    visible = PolicyVersion.objects.visible_to(request.user).select_related(
        "created_by", "published_by"
    )
    return Prefetch("versions", queryset=visible.order_by("-number"))


@login_required
def policies(request: HttpRequest) -> HttpResponse:
    """Lists the policies with the version in force."""
    visible = PolicyVersion.objects.visible_to(request.user).values("policy")
    rows = Policy.objects.filter(pk__in=visible).prefetch_related(_versions(request))
    context = {"policies": rows, "can_edit": may_edit_policies(request.user)}
    return render(request, "policies/page.html", context)


@login_required
def policy(request: HttpRequest, name: str, number: int | None = None) -> HttpResponse:
    """Shows one version: the one asked for, else the one in force, else the newest."""
    found = get_object_or_404(Policy.objects.prefetch_related(_versions(request)), name=name)
    versions = list(found.versions.all())
    version = _chosen(versions, number)
    version.policy = found
    context = {
        "policy": found,
        "versions": versions,
        "version": version,
        "document": version.parsed,
        "steps": _steps(version),
        "can_edit": may_edit_policies(request.user),
        "has_draft": any(one.is_draft for one in versions),
    }
    return render(request, "policies/policy.html", context)


@login_required
def draft(request: HttpRequest, name: str = "") -> HttpResponse:
    """Edits the draft of a policy, or begins one from the version in force."""
    visible = PolicyVersion.objects.visible_to(request.user).filter(policy__name=name)
    found = visible.order_by("-number").first()
    if name and found is None:
        raise Http404
    initial = {"name": name, "text": found.text if found else ""}
    form = DraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with told(form):
            saved = _save(found, form.cleaned_data, request)
            return redirect(saved)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "name": name, "can_edit": may_edit_policies(request.user)}
    return render(request, "policies/draft.html", context, status=status)


@login_required
@require_POST
def publish(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return redirect(services.publish(_visible(request, name, number), actor=request.user))


@login_required
@require_POST
def retire(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return redirect(services.retire(_visible(request, name, number), actor=request.user))


def _steps(version: PolicyVersion) -> list[dict]:
    """The signing steps with the words of their activity in the default matrix."""
    titles = {line.key: line.title for line in default_grid()}
    return [
        {"step": step, "activity": titles.get(step.activity, step.activity)}
        for step in version.parsed.approvals
    ]


def _visible(request: HttpRequest, name: str, number: int) -> PolicyVersion:
    visible = PolicyVersion.objects.visible_to(request.user).select_related("policy")
    return get_object_or_404(visible, policy__name=name, number=number)


def _save(found: PolicyVersion | None, data: dict, request: HttpRequest) -> PolicyVersion:
    if found and found.is_draft:
        return services.revise(found, data["text"], actor=request.user)
    return services.draft(data["name"], data["text"], actor=request.user)


def _chosen(versions: list[PolicyVersion], number: int | None) -> PolicyVersion:
    wanted = [one for one in versions if (one.number == number if number else one.is_published)]
    if wanted or (versions and not number):
        return (wanted or versions)[0]
    raise Http404

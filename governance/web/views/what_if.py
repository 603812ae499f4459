"""One version under changed rules: which of them flip; nothing is saved, so the address is the whole state."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.backtests.what_if import what_if, with_rules
from governance.blessing.models import Blessing
from governance.blessing.queries import latest_blessing, latest_of_each
from governance.policies.models import PolicyVersion
from governance.web.forms.what_if import Row, sheet
from governance.web.partial import is_partial
from registry.models import ModelVersion

MOST_POLICIES = 100
TEXT = "text"


@login_required
def version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Shows the newest verdict of the version under the rules as they were changed."""
    visible = ModelVersion.objects.visible_to(request.user).select_related("model")
    found = get_object_or_404(visible, model__name=name, number=number)
    blessing = latest_blessing(found)
    context = {"version": found, "blessing": blessing}
    if blessing is None:
        return render(request, "what_if/page.html", context)
    choices = _choices(request, blessing)
    policy_version = _chosen(request, choices, blessing)
    as_text = request.GET.get("mode") == TEXT
    rows = sheet(policy_version.parsed, request.GET, as_text=as_text)
    document = with_rules(policy_version.parsed, [row.rule for row in rows])
    tried = what_if(blessing, document, against=_against(policy_version, rows))
    context |= {
        "policy_version": policy_version,
        "choices": choices,
        "as_text": as_text,
        "tried": tried,
        "rows": list(zip(rows, tried.rules, strict=True)),
        "changed": [row for row in rows if row.rule != row.original],
        "other_mode": _address(request, policy_version, rows, as_text=not as_text),
    }
    template = "what_if/_outcome.html" if is_partial(request) else "what_if/page.html"
    return render(request, template, context)


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Lists judged versions, to try the policy of the address on one of them."""
    search = request.GET.get("search", "")[:200]
    seen = ModelVersion.objects.visible_to(request.user)
    if search:
        seen = seen.filter(model__name__icontains=search)
    newest = (
        latest_of_each(seen)
        .select_related("version__model", "policy_version__policy")
        .defer("frozen", "comparison")
        .order_by("-pk")
    )
    page = Paginator(newest, 25).get_page(request.GET.get("page"))
    policy = request.GET.get("policy", "")[:100]
    context = {"page": page, "search": search, "policy": policy}
    return render(request, "what_if/choose.html", context)


def _choices(request: HttpRequest, blessing: Blessing) -> list[PolicyVersion]:
    """What may be tried: drafts, what is in force, and what it was judged by last."""
    visible = PolicyVersion.objects.visible_to(request.user).select_related("policy")
    current = visible.exclude(state=PolicyVersion.State.RETIRED).defer("document")
    choices = list(current.order_by("policy__name", "-number")[:MOST_POLICIES])
    judged_by = blessing.policy_version
    return choices if judged_by in choices else [judged_by, *choices]


def _chosen(
    request: HttpRequest, choices: list[PolicyVersion], blessing: Blessing
) -> PolicyVersion:
    """The one of the address, as in “credit v2”, else the one by which it was judged last."""
    named = [one for one in choices if one.label == request.GET.get("policy")]
    return named[0] if named else blessing.policy_version


def _against(policy_version: PolicyVersion, rows: list[Row]) -> str:
    is_changed = any(row.rule != row.original for row in rows)
    return f"{policy_version.label} as changed here" if is_changed else policy_version.label


def _address(
    request: HttpRequest, policy_version: PolicyVersion, rows: list[Row], *, as_text: bool
) -> str:
    """The same rules in the other way of writing them."""
    asked = {"policy": policy_version.label}
    if as_text:
        asked["mode"] = TEXT
    changed = {row.text_name: str(row.rule) for row in rows if row.rule != row.original}
    return f"{request.path}?{urlencode(asked | changed)}"

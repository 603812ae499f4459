"""The signed-in person: duties, mail and API tokens."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts import services
from governance.accounts.models import ApiToken
from governance.notifications import queries as notifications
from governance.notifications.services import set_preferences
from governance.web.errors import told
from governance.web.forms.mail import PreferencesForm
from governance.web.forms.me import TokenForm
from raci import queries as raci

MOST_FAILED = 5


@login_required
def me(request: HttpRequest) -> HttpResponse:
    return _page(request, TokenForm())


@login_required
@require_POST
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """Makes a token and shows its plain text once, in this answer only."""
    form = TokenForm(request.POST)
    if form.is_valid():
        with told(form):
            _token, plain = services.create_token(
                request.user, actor=request.user, **form.cleaned_data
            )
            return _page(request, TokenForm(), plain=plain)
    return _page(request, form, status=422)


@login_required
@require_POST
def mail_preferences(request: HttpRequest) -> HttpResponse:
    """Keeps how the person wants mail; what waits is looked at again under it."""
    form = PreferencesForm(request.POST)
    if form.is_valid():
        with told(form):
            set_preferences(request.user, actor=request.user, **form.choices())
            messages.success(request, "Kept. Mail that waits follows it too.")
            return redirect("web:me")
    return _page(request, TokenForm(), mail_form=form, status=422)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_key: str) -> HttpResponse:
    token = get_object_or_404(ApiToken, user=request.user, token_key=token_key)
    services.revoke_token(token, actor=request.user)
    return redirect("web:me")


def _page(
    request: HttpRequest,
    form: TokenForm,
    *,
    plain: str = "",
    mail_form: PreferencesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    scopes: dict[str, list] = {}
    for duty in raci.duties(request.user):
        if duty.letters != "I":
            scopes.setdefault(duty.matrix_title, []).append(duty)
    context = {
        "form": form,
        "mail_form": mail_form or PreferencesForm.of(request.user),
        "failed": notifications.failed_to(request.user)[:MOST_FAILED],
        "plain": plain,
        "tokens": ApiToken.objects.filter(user=request.user),
        "duties": scopes,
        "groups": request.user.groups.order_by("name"),
        "server": settings.PUBLIC_URL,
    }
    return render(request, "me/page.html", context, status=status)

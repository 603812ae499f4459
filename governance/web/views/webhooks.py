"""Webhooks as their makers see them: how they do, what was delivered, and trying again."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.queries import is_administrator
from governance.web.errors import told
from governance.web.forms.webhooks import ChangeForm, GovernanceForm, WebhookForm
from governance.web.partial import is_partial
from governance.webhooks import queries, services
from governance.webhooks.models import Webhook


@login_required
def webhooks(request: HttpRequest) -> HttpResponse:
    """Lists one's own webhooks, an administrator's all, the newest first."""
    seen = queries.newest_first(request.user).select_related("created_by")
    page = Paginator(seen, 25).get_page(request.GET.get("page"))
    context = {"page": page, "sees_all": is_administrator(request.user)}
    return render(request, "webhooks/page.html", context)


@login_required
def make(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            return redirect(services.create_webhook(actor=request.user, **form.cleaned_data))
    status = 422 if request.method == "POST" else 200
    return render(request, "webhooks/edit.html", {"form": form}, status=status)


@login_required
@never_cache
def make_governance(request: HttpRequest) -> HttpResponse:
    """Makes a webhook of governance events and shows its secret once, in this answer only."""
    form = GovernanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            made = services.create_webhook(
                actor=request.user, format=Webhook.Format.STANDARD, **form.cleaned_data
            )
            return _secret_page(request, made, made.secret)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "of_governance": True}
    return render(request, "webhooks/edit.html", context, status=status)


@login_required
@require_POST
@never_cache
def rotate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Changes the secret and shows the new one once."""
    found = queries.webhook_of(pk, user=request.user)
    changed, secret = services.rotate_secret(found, actor=request.user)
    return _secret_page(request, changed, secret)


@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhook = queries.webhook_of(pk, user=request.user)
    present = {
        name: getattr(webhook, name) for name in ("name", "url", "events", "description")
    }
    kind = GovernanceForm if webhook.is_standard else ChangeForm
    form = kind(request.POST or None, initial=present)
    if not webhook.is_signed and not webhook.is_standard:
        del form.fields["unsigned"]
    if request.method == "POST" and form.is_valid():
        with told(form):
            services.update_webhook(webhook, actor=request.user, **form.changes())
            return redirect(webhook)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "webhooks/edit.html", {"form": form, "webhook": webhook}, status=status
    )


@login_required
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows one webhook with its log; the log polls itself while something is being sent."""
    found = queries.webhook_of(pk, user=request.user)
    page = Paginator(found.deliveries.all(), 25).get_page(request.GET.get("page"))
    context = {
        "webhook": found,
        "page": page,
        "is_sending": any(one.is_under_way for one in page),
    }
    template = "webhooks/_log.html" if is_partial(request) else "webhooks/webhook.html"
    return render(request, template, context)


@login_required
@require_POST
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Disables an active webhook and enables a disabled one."""
    found = queries.webhook_of(pk, user=request.user)
    wanted = request.POST.get("status", "")
    return redirect(services.update_webhook(found, actor=request.user, status=wanted))


@login_required
@require_POST
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = queries.webhook_of(pk, user=request.user)
    services.send_test(found, actor=request.user)
    return redirect(found)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.delete_webhook(queries.webhook_of(pk, user=request.user), actor=request.user)
    return redirect("web:webhooks")


@login_required
@require_POST
def again(request: HttpRequest, pk: UUID, delivery: UUID) -> HttpResponse:
    found: Webhook = queries.webhook_of(pk, user=request.user)
    services.send_again(queries.delivery_of(found, delivery), actor=request.user)
    return redirect(found)


def _secret_page(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    context = {"webhook": webhook, "secret": secret}
    return render(request, "webhooks/secret.html", context)

"""Links of mails, and mail that did not leave."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.queries import is_administrator
from governance.notifications import links, queries, services

ROWS = 25


@login_required
@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Leads who was mailed to the page where they may act; changes nothing."""
    return redirect(links.follow(token, reader=request.user))


@login_required
@require_safe
def troubled(request: HttpRequest) -> HttpResponse:
    """Lists, for administrators, mail that failed and mail that is being tried again."""
    if not is_administrator(request.user):
        raise Http404
    page = Paginator(queries.troubled_for(request.user), ROWS).get_page(request.GET.get("page"))
    return render(request, "mail_trouble/page.html", {"page": page})


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.troubled_for(request.user), pk=pk)
    services.send_again(row, actor=request.user)
    messages.success(request, f"“{row.title}” is being sent again.")
    return redirect("web:me" if row.user_id == request.user.pk else "web:mail_trouble")

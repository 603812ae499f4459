"""Chat channels of one's own, and for administrators of groups; and what did not arrive there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.queries import is_administrator
from governance.notifications.chat import services
from governance.notifications.chat.addresses import is_switched_on
from governance.web.errors import told
from governance.web.forms.channels import ChannelForm

ROWS, MOST_IN_TROUBLE = 25, 25


@login_required
def channels(request: HttpRequest) -> HttpResponse:
    """Lists channels with what is in trouble, and adds one."""
    form = ChannelForm.for_user(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            made = services.add(actor=request.user, **form.cleaned_data)
            messages.success(request, f"{made.name} is told from now on.")
            return redirect("web:channels")
    seen = services.readable_by(request.user)
    context = {
        "form": form,
        "page": Paginator(seen, ROWS).get_page(request.GET.get("page")),
        "troubled": services.troubled(request.user)[:MOST_IN_TROUBLE],
        "is_switched_on": is_switched_on(),
        "sees_all": is_administrator(request.user),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "channels/page.html", context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(services.readable_by(request.user), pk=pk)
    services.remove(found, actor=request.user)
    messages.success(
        request, f"{found.name} is told nothing more, and its address is forgotten."
    )
    return redirect("web:channels")


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(services.troubled(request.user), pk=pk)
    services.send_again(found, actor=request.user)
    messages.success(request, f"“{found.notification.title}” is being sent again.")
    return redirect("web:channels")

"""The home of everybody who has duties."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from governance.approvals.candidates import Show
from governance.dashboards.my_work import my_work as work_of
from governance.errors import GovernanceError
from governance.notifications.acknowledging import acknowledge

KEY = re.compile(r"[0-9]{1,18}")
PAGE_NUMBER = re.compile(r"[0-9]{1,6}")


@login_required
def my_work(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", Show.MINE)
    page = request.GET.get("page", "")
    work = work_of(
        request.user,
        show if show in Show.values else Show.MINE,
        max(1, int(page)) if PAGE_NUMBER.fullmatch(page) else 1,
    )
    context = {"work": work} | ({"my_work_count": work.count} if work.is_mine else {})
    return render(request, "my_work/page.html", context)


@login_required
@require_POST
def take_note(request: HttpRequest) -> HttpResponse:
    """Takes the ticked rows, or all that were shown, off the list of what the reader was told."""
    name = "shown" if "all" in request.POST else "told"
    keys = [int(one) for one in request.POST.getlist(name) if KEY.fullmatch(one)]
    try:
        count = acknowledge(keys, actor=request.user)
    except GovernanceError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{count} taken note of.")
    return redirect("/#told")

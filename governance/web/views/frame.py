"""What the frame around the pages asks for after they are shown, so that no page waits for it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from governance.dashboards.my_work import my_work


@login_required
@cache_control(private=True, max_age=15)
def waiting(request: HttpRequest) -> HttpResponse:
    """How much waits for the reader, for the mark beside “My work”."""
    return render(request, "_count.html", {"count": my_work(request.user).count})

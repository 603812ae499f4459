"""The home of everybody who has duties."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.dashboards.my_work import my_work as work_of


@login_required
def my_work(request: HttpRequest) -> HttpResponse:
    work = work_of(request.user)
    return render(request, "my_work/page.html", {"work": work, "my_work_count": work.count})

"""Background work as people see it: how far, how it ended, and stopping it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.jobs import services
from governance.jobs.filters import JobFilter
from governance.jobs.models import Job
from governance.web.partial import is_partial


@login_required
def jobs(request: HttpRequest) -> HttpResponse:
    """Lists the jobs this person may see, newest first."""
    visible = Job.objects.visible_to(request.user).select_related("created_by", "model")
    found = JobFilter(request.GET, visible)
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    template = "jobs/_jobs.html" if is_partial(request) else "jobs/page.html"
    return render(request, template, {"filter": found, "page": page, "states": Job.State})


@login_required
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows one job; the fragment polls itself until the job is over."""
    context = {"job": _visible(request, pk)}
    template = "jobs/_job.html" if is_partial(request) else "jobs/job.html"
    context["may_steer"] = not services.not_entitled(context["job"], request.user)
    return render(request, template, context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    return redirect(services.cancel(_visible(request, pk), actor=request.user))


@login_required
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    return redirect(services.retry(_visible(request, pk), actor=request.user))


def _visible(request: HttpRequest, pk: UUID) -> Job:
    visible = Job.objects.visible_to(request.user).select_related("created_by", "model")
    return get_object_or_404(visible, pk=pk)

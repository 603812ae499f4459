"""The trail: what happened, who did it, what was refused."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.audit.filters import EntryFilter
from governance.audit.models import Entry
from governance.web.partial import is_partial


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """Lists the entries this person may read, newest first."""
    entries = EntryFilter(request.GET, Entry.objects.visible_to(request.user))
    page = Paginator(entries.qs, 50).get_page(request.GET.get("page"))
    template = "audit/_entries.html" if is_partial(request) else "audit/page.html"
    context = {
        "filter": entries,
        "page": page,
        "reads_everything": request.user.has_perm("audit.view_entry"),
    }
    return render(request, template, context)

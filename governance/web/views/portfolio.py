"""The home of those who answer for many models."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.approvals import waits
from governance.dashboards import portfolio as figures
from governance.exceptions.queries import ending_first
from governance.responsibility.models import MatrixCheck

MOST_EXCEPTIONS = 20
MOST_MATRICES = 20


@login_required
def portfolio(request: HttpRequest) -> HttpResponse:
    versions = list(figures.staged(request.user))
    funnel = figures.funnel(versions)
    context = {
        "tiles": figures.kpi_tiles(request.user),
        "funnel": funnel,
        "lead_times": figures.lead_times(versions),
        "tiers": figures.health_map(versions),
        "exceptions": ending_first(request.user)[:MOST_EXCEPTIONS],
        "matrices": list(
            MatrixCheck.objects.visible_to(request.user).select_related("matrix")[
                :MOST_MATRICES
            ]
        ),
        "waiting": waits.waiting(request.user),
        "taken": waits.taken(request.user),
        "most_rows": f":{waits.MOST}",
        "debts": figures.model_debt(versions),
    }
    return render(request, "portfolio/page.html", context)

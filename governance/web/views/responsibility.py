"""The report of gaps in responsibility, and how much each person carries."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from governance.csv import MOST_ROWS, listed
from governance.dashboards.loads import load as chart_of_load
from governance.responsibility import gaps, load

SHOWN = 50


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Shows the gaps in what the reader may see, each kind under its heading."""
    seen = gaps.seen_by(request.user)
    loads = seen.loads
    found = gaps.found(seen, loads)
    kinds = gaps.by_kind(found)
    context = {
        "kinds": [
            {"title": title, "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN)}
            for title, rows in kinds
            if rows
        ],
        "clear": [title for title, rows in kinds if not rows],
        "count": len(found),
        "loads": loads,
        "chart": chart_of_load(loads, most_models=load.most_models()) if loads else None,
        "everything": seen.everything,
    }
    return render(request, "responsibility/page.html", context)


@login_required
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    rows = [
        (one.title, one.about, one.sentence, one.at, one.link)
        for one in gaps.found(gaps.seen_by(request.user))[:MOST_ROWS]
    ]
    return listed("responsibility", ["Gap", "About", "What", "When", "Where"], rows)

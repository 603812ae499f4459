"""How to connect a pipeline: snippets with the reader's own address."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def connect(request: HttpRequest) -> HttpResponse:
    server = request.build_absolute_uri("/").rstrip("/")
    with_token = server.replace("://", "://token:…@", 1)
    return render(request, "connect/page.html", {"server": server, "with_token": with_token})

"""A matrix as a file, and a file as the next version of a matrix: shown first, then saved."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from governance.web.errors import told
from governance.web.forms.raci_exchange import SaveForm, TableForm
from governance.web.matrices import seen_matrix
from raci import exchange, queries, services, versions
from raci.models import Matrix


@login_required
@require_safe
def as_csv(request: HttpRequest, slug: str) -> HttpResponse:
    _use_case, matrix = seen_matrix(request, slug)
    snapshot = queries.snapshot(matrix)
    return _file(exchange.as_csv(snapshot), f"raci-{slug}.csv", "text/csv; charset=utf-8")


@login_required
@require_safe
def as_xlsx(request: HttpRequest, slug: str) -> HttpResponse:
    _use_case, matrix = seen_matrix(request, slug)
    snapshot = queries.snapshot(matrix)
    return _file(exchange.as_xlsx(snapshot), f"raci-{slug}.xlsx", exchange.XLSX)


@login_required
def take_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Reads a table and shows what it would change; nothing is saved until that is confirmed."""
    _use_case, matrix = seen_matrix(request, slug)
    services.require_change(request.user, matrix)
    if "expected" in request.POST:
        return _save(request, slug, matrix)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TableForm(*sent)
    context = {"slug": slug, "matrix": matrix, "form": form}
    if request.method == "POST" and form.is_valid():
        with told(form):
            context |= _shown(form, matrix)
    refused = request.method == "POST" and "save" not in context
    return render(request, "raci/import.html", context, status=422 if refused else 200)


def _save(request: HttpRequest, slug: str, matrix: Matrix) -> HttpResponse:
    form = SaveForm(request.POST)
    if form.is_valid():
        with told(form):
            fields = form.cleaned_data
            before = queries.snapshot(matrix)
            table = exchange.pasted(fields.pop("text"))
            after = exchange.read(table, before).or_refused()
            edits = versions.difference(before, after)
            version = services.revise(matrix, edits, actor=request.user, **fields)
            messages.success(request, f"Saved as version {version.number}.")
            return redirect("web:raci", slug)
    context = {"slug": slug, "matrix": matrix, "form": TableForm(), "refused": form}
    return render(request, "raci/import.html", context, status=422)


def _shown(form: TableForm, matrix: Matrix) -> dict:
    """The changes with a form to save them, or the table with its mistakes at their cells."""
    before, latest = queries.snapshot(matrix), queries.latest_version(matrix)
    table = form.table()
    reading = exchange.read(table, before)
    if reading.mistakes:
        return {"mistakes": reading.mistakes, "rows": _marked(table, reading)}
    text = exchange.as_csv(_changed(before, reading.after)).decode("utf-8-sig")
    return {
        "save": SaveForm(initial={"text": text, "expected": latest.number}, auto_id="save_%s"),
        "version": latest.number,
        "changes": versions.changes(before, reading.after),
        "notes": reading.notes,
        "problems": versions.new_problems(before, reading.after),
    }


def _changed(before: dict, after: dict) -> dict:
    """The rows that differ, so that what is unsound elsewhere does not stand in the way."""
    pairs = zip(before["activities"], after["activities"], strict=True)
    return after | {"activities": [new for old, new in pairs if new != old]}


def _marked(table: exchange.Table, reading: exchange.Reading) -> list[dict]:
    """The rows as they were sent, with the sentence at each cell that cannot be read."""
    wrong = {(one.row, one.column): one.sentence for one in reading.mistakes}
    width = max(*(len(row) for row in table.rows), *(one.column for one in reading.mistakes))
    rows = []
    for number, row in enumerate(table.rows, 1):
        cells = [*row, *[""] * (width - len(row))]
        rows.append(
            {
                "number": number,
                "cells": [
                    (text[:80], wrong.get((number, place), ""))
                    for place, text in enumerate(cells, 1)
                ],
            }
        )
    return rows


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )

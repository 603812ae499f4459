"""The kit every screen is made of: words, numbers, people, times, vendored files, weight."""

import gzip
import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import django_htmx
import pytest
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxMiddleware

from governance.web import figures
from governance.web.context import SECTIONS
from governance.web.partial import VaryByFragment, is_partial
from governance.web.states import look_of

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Mail programs only know inline styles.
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if path.parent.name != "mail"]
VENDORED = re.findall(
    r"^\| (\S+) \| \S+ \| \S+ \| \S+ \| .*? \| (\w{64}) \|$",
    (STATIC / "vendor/README.md").read_text(),
    re.MULTILINE,
)


def show(source: str, **context) -> str:
    return Template("{% load governance %}" + source).render(Context(context))


def measurement(value, low=None, high=None, n=300):
    return SimpleNamespace(value=value, low=low, high=high, n=n, method="DeLong")


def test_every_vendored_file_is_listed():
    files = {str(p.relative_to(STATIC / "vendor")) for p in (STATIC / "vendor").rglob("*.*")}

    assert files - {"README.md"} == {name for name, _digest in VENDORED}


@pytest.mark.parametrize(("name", "digest"), VENDORED)
def test_a_vendored_file_is_the_one_that_was_vetted(name, digest):
    assert sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_css_and_scripts_without_charts_stay_under_250_kilobytes():
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    parts = [STATIC / "vendor/tabler/tabler.min.css", *STATIC.glob("css/*"), htmx]
    parts += [STATIC / "js/theme.js", STATIC / "js/app.js"]

    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 250_000


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_has_inline_script_or_style(path):
    source = path.read_text()

    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


def test_every_icon_of_a_template_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "vendor/icons.svg").read_text()))
    sources = [path.read_text() for path in PAGES]
    named = {name for source in sources for name in re.findall(r'{% icon "([\w-]+)"', source)}
    named |= {section.icon for section in SECTIONS}

    assert named <= drawn


@pytest.mark.parametrize("value", ["blessed", "not_blessed", "lapsed", "running", "must"])
def test_a_state_is_a_word_a_colour_and_an_icon(value):
    look = look_of(value)
    html = show("{% state value %}", value=value)

    assert look.word in html
    assert f"state-{look.tone}" in html
    assert f"#{look.icon}" in html


def test_a_state_is_read_from_the_object_that_has_one():
    assert look_of(SimpleNamespace(verdict="undecided")).word == "Undecided"


def test_an_unknown_state_is_shown_as_words():
    assert look_of("half_baked").word == "Half baked"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.79734, "0.797"),
        (-0.01, "−0.010"),
        (12.3456, "12.35"),
        (4180.4, "4,180"),
        (0.00042, "0.00042"),
        (1_000_000, "1,000,000"),
        (None, "none"),
    ],
)
def test_a_number_has_as_many_digits_as_help(value, shown):
    assert figures.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (60.0, "60"),
        (1024.0, "1,024"),
        (74.62, "74.62"),
        (0.0464, "0.046"),
        (1.17e-7, "1.2e−7"),
        (1e-5, "1.0e−5"),
        (float("nan"), "not a number"),
        (None, "none"),
    ],
)
def test_a_measured_figure_has_no_digits_it_does_not_have(value, shown):
    assert figures.measured(value) == shown


def test_a_measurement_shows_value_interval_and_rows():
    html = show("{% figure m %}", m=measurement(0.7973, 0.7451, 0.8489))

    assert "0.797" in html
    assert "[0.745, 0.849]" in html
    assert "n 300" in html


def test_a_measurement_without_interval_says_so():
    assert "no interval" in show("{% figure m %}", m=measurement(0.04))


def test_a_missing_value_says_why():
    assert "none: DeLong" in show("{% figure m %}", m=measurement(None))


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(hours=-5), "5 hours ago"),
        (timedelta(days=2, minutes=1), "in 2 days"),
        (timedelta(seconds=-20), "now"),
    ],
)
def test_a_time_is_relative(gap, words):
    now = timezone.now()

    assert figures.relative(now + gap, now) == words


def test_a_day_is_relative_in_whole_days():
    now = timezone.now()

    assert figures.relative(timezone.localdate(now) + timedelta(days=1), now) == "tomorrow"


def test_the_exact_time_stands_on_hover():
    assert 'title="20 November 2026"' in show("{{ day|ago }}", day=date(2026, 11, 20))


def test_a_person_comes_with_name_and_letter():
    html = show('{% person who "A/R" %}', who=SimpleNamespace(display_name="Bea <b>Okafor"))

    assert "Bea &lt;b&gt;Okafor" in html
    assert 'title="Accountable and Responsible"' in html


def test_an_error_stands_at_its_field_and_is_read_with_it():
    class Note(forms.Form):
        reason = forms.CharField(help_text="Why.")

    html = show('{% include "_form.html" %}', form=Note({"reason": ""}))

    assert 'aria-describedby="id_reason_helptext id_reason_error"' in html
    assert 'id="id_reason_error"' in html
    assert "is-invalid" in html


@pytest.mark.parametrize(
    ("headers", "partial"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_htmx_that_wants_a_fragment_gets_one(headers, partial):
    request = RequestFactory().get("/", headers=headers)
    HtmxMiddleware(lambda _request: HttpResponse())(request)
    answer = VaryByFragment(lambda r: HttpResponse(str(is_partial(r))))(request)

    assert answer.content.decode() == str(partial)
    assert "HX-Request" in answer["Vary"]

"""Tags and filters of every screen: icons, states, numbers, people, times, charts, fields."""

from collections.abc import Sequence
from datetime import date, datetime
from types import SimpleNamespace

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.forms.boundfield import BoundWidget
from django.forms.widgets import CheckboxSelectMultiple
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.metrics.numbers import decimals_between, signed
from governance.web import figures
from governance.web.states import look_of
from raci.naming import RACI, shown, words

register = template.Library()

register.filter("number", figures.number)
register.filter("measured", figures.measured)
register.filter("signed", figures.signed)
register.filter("percent", figures.percent)
register.filter("duration", figures.duration)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draws an icon of the sprite; without a label it is decoration."""
    sprite = static("vendor/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


@register.simple_tag
def state(thing: object, word: str = "") -> SafeString:
    """Shows a state as word, colour and icon."""
    look = look_of(thing)
    return format_html(
        '<span class="state state-{}">{}{}</span>',
        look.tone,
        icon(look.icon),
        word or look.word,
    )


@register.simple_tag
def tier(level: int) -> SafeString:
    """Shows a risk tier."""
    tone = {1: "bad", 2: "warn"}.get(level, "quiet")
    return format_html('<span class="state state-{}">Tier {}</span>', tone, level)


@register.simple_tag
def figure(measurement: object, decimals: int | None = None) -> SafeString:
    """Shows a measurement: value, interval and rows, or why there is no value."""
    if measurement is None:
        return SafeString('<span class="figure figure-none">not measured</span>')
    if measurement.value is None:
        return format_html(
            '<span class="figure figure-none">none: {}</span>', measurement.method
        )
    if decimals is None:
        decimals = figures.decimals_for(measurement.value)
    return format_html(
        '<span class="figure" title="{}"><span class="figure-value">{}</span> '
        '<span class="figure-interval">{}</span> <span class="figure-n">n {}</span></span>',
        getattr(measurement, "method", ""),
        figures.number(float(measurement.value), decimals),
        figures.interval(measurement.low, measurement.high, decimals),
        figures.number(measurement.n),
    )


@register.simple_tag
def interval_figure(estimate: object, n: int) -> SafeString:
    """Shows an estimate of so many rows."""
    return figure(SimpleNamespace(**vars(estimate), n=n))


@register.simple_tag
def interval(low: float | None, high: float | None, decimals: int | None = None) -> SafeString:
    """Shows an interval on its own."""
    return format_html(
        '<span class="figure-interval">{}</span>', figures.interval(low, high, decimals)
    )


@register.simple_tag
def difference(row: object) -> SafeString:
    """Shows a paired difference with its interval, both with their signs."""
    decimals = decimals_between(row.low, row.high)
    ends = "no interval"
    if row.low is not None and row.high is not None:
        ends = f"[{signed(row.low, decimals)}, {signed(row.high, decimals)}]"
    return format_html(
        '<span class="figure" title="{}"><span class="figure-value">{}</span> '
        '<span class="figure-interval">{}</span></span>',
        row.sentence,
        signed(row.value, decimals),
        ends,
    )


@register.simple_tag
def letter(letters: str, naming: str = RACI) -> SafeString:
    """Shows RACI letters, as their matrix writes them, with their words on hover."""
    return format_html(
        '<abbr class="raci raci-{}" title="{}">{}</abbr>',
        letters[:1],
        words(letters, naming),
        shown(letters, naming),
    )


@register.simple_tag
def person(user: object, letters: str = "") -> SafeString:
    """Shows a person as initials, name and the RACI letters that bring them here."""
    if not user:
        return SafeString('<span class="person text-secondary">The system</span>')
    name = getattr(user, "display_name", None) or str(user)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    return format_html(
        '<span class="person"><span class="person-initials" aria-hidden="true">{}</span>{}{}</span>',
        initials,
        name,
        letter(letters) if letters else "",
    )


@register.filter
def ago(moment: datetime | date | None) -> SafeString:
    """Shows a time relative to now, the exact one on hover."""
    if moment is None:
        return SafeString("")
    if isinstance(moment, datetime):
        local = timezone.localtime(moment)
        exact = f"{local:%-d %B %Y %H:%M} {local.tzname()}"
    else:
        exact = f"{moment:%-d %B %Y}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact,
        figures.relative(moment),
    )


@register.inclusion_tag("_chart.html")
def chart(chart: object) -> dict:
    """Draws a chart of governance.dashboards.figures with the table of the same numbers."""
    return {"chart": chart}


@register.filter
def cell(value: object) -> str:
    """Returns a cell of a chart's table: numbers as people read them, words as they are."""
    if value is None:
        return ""
    return figures.number(value) if isinstance(value, int | float) else str(value)


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """Draws a line of the last values, without axes; the value itself must stand beside it."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, spread = min(known), (max(known) - min(known)) or 1
    step = 100 / (len(values) - 1)
    points = [
        (f"{i * step:.1f}", f"{26 - 22 * (value - low) / spread:.1f}")
        for i, value in enumerate(values)
        if value is not None
    ]
    return format_html(
        '<svg class="sparkline" viewBox="-3 0 106 30" role="img" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="3"/></svg>',
        label or f"from {figures.number(known[0])} to {figures.number(known[-1])}",
        format_html_join(" ", "{},{}", points),
        *points[-1],
    )


def _class_of(widget: object) -> str:
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    return "form-control"


def _dressed(field: BoundField) -> dict[str, str]:
    own = field.field.widget.attrs.get("class", "")
    return {"class": f"{_class_of(field.field.widget)} {own}".strip()}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Renders the control of a field in our look, described by its help and errors."""
    attributes = _dressed(field)
    if field.errors:
        attributes["class"] += " is-invalid"
    return field.as_widget(attrs=attributes)


@register.filter
def options(field: BoundField) -> list[BoundWidget]:
    """Returns the boxes or radio buttons of a field in our look, one by one."""
    field.field.widget.attrs |= _dressed(field)
    return field.subwidgets


@register.filter
def is_box(field: BoundField) -> bool:
    """Whether the field is a single tick box, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)

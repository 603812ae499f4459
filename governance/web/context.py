"""What the frame around every page shows: sections, the current one, the reader; no rule lives here."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject


@dataclass(frozen=True)
class Section:
    """One entry of the sidebar."""

    title: str
    icon: str
    url_name: str
    also: tuple[str, ...] = ()
    is_current: bool = False

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def holds(self, path: str) -> bool:
        prefixes = (*self.also, *([self.url] if self.url != "/" else []))
        return path == self.url or any(path.startswith(prefix) for prefix in prefixes)


SECTIONS = (
    Section("My work", "inbox", "web:my_work", also=("/approvals/",)),
    Section("Portfolio", "layout-dashboard", "web:portfolio"),
    Section("Use cases", "target", "web:use_cases"),
    Section("Models", "cube", "web:models", also=("/evaluations/",)),
    Section("Data sets", "database", "web:data_sets"),
    Section("RACI", "table", "web:raci_list", also=("/responsibility/", "/people/", "/teams/")),
    Section(
        "Policies",
        "scale",
        "web:policies",
        also=("/backtests/", "/what-if/", "/exceptions/"),
    ),
    Section("Jobs", "loader", "web:jobs"),
    Section("Audit", "history", "web:audit"),
)


def navigation(request: HttpRequest) -> dict:
    """Gives the frame its sections and the reader's groups; both only looked up when shown."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    return {
        "navigation": SimpleLazyObject(lambda: sections(request.path)),
        "reader_groups": SimpleLazyObject(
            lambda: list(user.groups.order_by("name").values_list("name", flat=True))
        ),
    }


def sections(path: str) -> list[Section]:
    """Returns the sections with the one holding this path marked."""
    return [
        Section(one.title, one.icon, one.url_name, one.also, one.holds(path))
        for one in SECTIONS
    ]

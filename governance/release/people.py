"""Who carries an activity of a use case, as names with their letters; one query for many activities."""

from collections import defaultdict
from collections.abc import Iterable

from governance.usecases.models import UseCase
from raci.models import Cell, Holder

WORKING = ("A/R", "R", "A")


class People:
    """The people who perform or answer for activities of one use case."""

    def __init__(self, use_case: UseCase | None, activities: Iterable[str]) -> None:
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        if use_case is None:
            return
        holders = Holder.objects.current().filter(role__matrix__scope=use_case.scope)
        names = defaultdict(list)
        for holder in holders.select_related("user"):
            names[holder.role_id].append(holder.user)
        cells = Cell.objects.filter(
            role__in=names, activity__key__in=set(activities), letters__in=WORKING
        ).select_related("activity")
        for cell in cells:
            for user in names[cell.role_id]:
                self._add(cell.activity.key, str(user), cell.letters)

    def who(self, activity: str, duty: str = "") -> tuple[str, ...]:
        """Names with their letter, such as “Rui (R)”; only those with the duty, if one is given."""
        carried = self._names.get(activity, {})
        return tuple(
            f"{name} ({letters})"
            for name, letters in carried.items()
            if not duty or duty in letters
        )

    def _add(self, activity: str, name: str, letters: str) -> None:
        """One person may come by two roles; the stronger letter is told."""
        present = self._names[activity].get(name)
        strongest = min(present or letters, letters, key=WORKING.index)
        self._names[activity][name] = strongest

"""Who carries an activity of a use case, as names with their letters; one query for many activities."""

from collections import defaultdict
from collections.abc import Iterable

from governance.usecases.models import UseCase
from raci.queries import STRONGEST_FIRST, carriers


class People:
    """The people who perform or answer for activities of one use case."""

    def __init__(self, use_case: UseCase | None, activities: Iterable[str]) -> None:
        self._letters: dict[str, dict[str, str]] = defaultdict(dict)
        for one in carriers(use_case.scope, activities) if use_case else ():
            self._add(one.activity_key, str(one.user), one.letters)

    def who(self, activity: str, duty: str = "") -> tuple[str, ...]:
        """Names with their letter, such as “Rui (R)”; only those with the duty, if one is given."""
        return tuple(
            f"{name} ({letters})"
            for name, letters in self._letters[activity].items()
            if not duty or duty in letters
        )

    def _add(self, activity: str, name: str, letters: str) -> None:
        """One person may come by two roles; the stronger letter is told."""
        present = self._letters[activity].get(name, letters)
        self._letters[activity][name] = min(present, letters, key=STRONGEST_FIRST.index)

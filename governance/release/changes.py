"""How two frozen accounts differ, part by part: pure; knows the form that evidence.py writes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.text import get_text_list

from governance.approvals.opening import ChangeSize
from governance.policies.document import PolicyDocument


@dataclass(frozen=True)
class Part:
    """One part of an account: its name in policies, its value, and how a reader is told it.

    A value of several pieces is a dictionary; `titles` are what readers call their keys.
    """

    name: str
    value: Callable[[dict], object]
    shown: Callable[[dict], str]
    titles: Callable[[dict], dict[str, str]] = lambda account: {}


@dataclass(frozen=True)
class Change:
    """A part that differs, or of which one account does not know the value."""

    part: str
    sentence: str


def changes(before: dict, after: dict) -> list[Change]:
    """What differs between two accounts, in the order in which readers ask."""
    return [
        Change(part.name, _told(part, before, after))
        for part in PARTS
        if part.value(before) != part.value(after)
    ]


def size(policy: PolicyDocument, before: dict | None, after: dict) -> ChangeSize:
    """Whether the policy calls the change minor; `before` is the account of what serves now.

    Nothing serving, or a part that is not known in either account, makes a change major.
    """
    if policy.minor_change is None:
        return ChangeSize()
    if before is None:
        return ChangeSize(False, "Major: nothing that was cleared serves now.")
    serving = before["version"]["label"]
    parts = [_PART[name] for name in policy.minor_change.unchanged]
    if reasons := [one for part in parts if (one := _moved(part, before, after))]:
        return ChangeSize(False, f"Major, compared with {serving}: {'; '.join(reasons)}.")
    names = get_text_list([part.name for part in parts], "and")
    return ChangeSize(True, f"Minor: {names} as in {serving}, which serves now.")


def _moved(part: Part, before: dict, after: dict) -> str:
    old, new = part.value(before), part.value(after)
    if not old or not new:
        return f"{part.name} not known of both"
    return "" if old == new else f"{part.name} changed"


def _told(part: Part, before: dict, after: dict) -> str:
    old, new = (part.shown(one) or "not known" for one in (before, after))
    name = part.name.capitalize()
    return (
        f"{name}: {old} → {new}."
        if old != new
        else f"{name} changed{_which(part, before, after)}."
    )


def _which(part: Part, before: dict, after: dict) -> str:
    """The pieces that differ, where the part has pieces."""
    old, new = part.value(before), part.value(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ""
    titles = part.titles(before) | part.titles(after)
    differ = [titles.get(key, key) for key in old | new if old.get(key) != new.get(key)]
    return f": {get_text_list(differ, 'and')}"


def _version(*keys: str) -> Callable[[dict], str]:
    """The first of the keys that the account of the version fills."""
    return lambda one: next(
        (one["version"][key] for key in keys if one["version"].get(key)), ""
    )


def _fields(account: dict) -> Iterator[tuple[str, dict]]:
    for section in account.get("card", {}).get("sections", {}).values():
        yield from section["fields"].items()


def _card(account: dict) -> dict[str, object]:
    """What people wrote on the card; the rest of it comes from records that are parts themselves."""
    return {
        key: field["value"]
        for key, field in _fields(account)
        if field["kind"] != "AUTO" and field["value"]
    }


def _titles(account: dict) -> dict[str, str]:
    return {key: field["title"] for key, field in _fields(account) if "title" in field}


def _card_titles(account: dict) -> str:
    count = len(_card(account))
    return f"{count} field{'s' if count != 1 else ''} written" if count else ""


def _policy(account: dict) -> str:
    policy = account["policy"]
    return f"{policy['name']} v{policy['number']}"


def _rules(account: dict) -> dict[str, str]:
    return {one["name"]: one["outcome"] for one in account["blessing"]["rules"]}


def _warning(account: dict) -> str:
    count = sum(outcome != "pass" for outcome in _rules(account).values())
    return f"{count} of {len(_rules(account))} rules not passed"


def _short(value: Callable[[dict], str]) -> Callable[[dict], str]:
    """A digest as people compare it: its first characters."""

    def shown(account: dict) -> str:
        text = value(account)
        return f"{text[:19]}…" if text.startswith("sha256:") else text[:80]

    return shown


_artifact = _version("artifact_digest", "digest")
_training = _version("training_data_digest")
_code = _version("code_commit")


def _evaluation_data(account: dict) -> str:
    return account["evaluation"]["data_digest"]


def _evaluation_shown(account: dict) -> str:
    return f"{account['evaluation']['dataset']}, {_short(_evaluation_data)(account)}"


def _need(account: dict) -> str:
    return account["use_case"]["need"]


def _kpis(account: dict) -> Iterator[tuple]:
    for kpi in account["use_case"]["kpis"]:
        yield kpi["title"], kpi["target"], kpi["latest"]


PARTS = [
    Part("artifact", _artifact, _short(_artifact)),
    Part("training data", _training, _short(_training)),
    Part("code", _code, _short(_code)),
    Part("evaluation data", _evaluation_data, _evaluation_shown),
    Part("rules", _rules, _warning),
    Part("policy", _policy, _policy),
    Part("card", _card, _card_titles, _titles),
    Part("need", _need, _need),
    Part("KPIs", lambda one: list(_kpis(one)), lambda one: ""),
]
_PART = {part.name: part for part in PARTS}

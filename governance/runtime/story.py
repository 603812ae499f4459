"""The people, use cases, duties and policies of the demo; models come from the example pipelines."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings

from governance.accounts.models import User
from governance.accounts.services import create_token, create_user
from governance.backtests.selection import Selection
from governance.backtests.services import request_back_test
from governance.policies import services as policies
from governance.policies.models import Policy
from governance.usecases import services as usecases
from governance.usecases.models import UseCase

PASSWORD = "demo"
PEOPLE = {
    "ada": ("Ada", "Okoye", "data scientist", ["member"]),
    "mo": ("Mo", "Haddad", "model owner", ["member"]),
    "bea": ("Bea", "Lindqvist", "business owner", ["member"]),
    "rui": ("Rui", "Tanaka", "risk and validation", ["member", "policy editor"]),
    "olu": ("Olu", "Mensah", "MLOps engineer", ["member"]),
    "vi": ("Vi", "Novak", "auditor", ["auditor"]),
    "root": ("Robin", "Root", "administrator", ["administrator"]),
}
CREDIT_DUTIES = {
    "BO": ["bea"],
    "MO": ["mo"],
    "DS": ["ada"],
    "DE": ["olu"],
    "MLE": ["ada"],
    "OPS": ["olu"],
    "RV": ["rui"],
}
FLIGHT_DUTIES = {
    "BO": ["bea"],
    "MO": ["ada"],
    "DS": ["ada"],
    "DE": ["olu"],
    "MLE": ["ada"],
    "OPS": ["olu"],
    "RV": ["rui"],
    "SEC": ["root"],
}
CREDIT_KPIS = [
    {
        "key": "cost-per-application",
        "title": "Cost per application",
        "unit": "cost units",
        "direction": "lower",
        "target": 0.60,
        "baseline": 0.70,
        "description": "5 for a bad customer accepted, 1 for a good one turned away; "
        "the baseline is what rejecting everyone costs.",
    },
    {
        "key": "acceptance-rate",
        "title": "Applications accepted",
        "unit": "share",
        "direction": "higher",
        "target": 0.40,
        "description": "Turning everyone away is cheap and no business.",
    },
]
FLIGHT_KPIS = [
    {
        "key": "announced-delays",
        "title": "Late arrivals announced in advance",
        "unit": "share",
        "direction": "higher",
        "target": 0.50,
        "description": "Share of flights at least 15 minutes late that passengers were warned of.",
    },
    {
        "key": "delay-minutes",
        "title": "Arrival delay",
        "unit": "minutes per flight",
        "direction": "lower",
        "target": 10.0,
        "description": "Mean of the positive arrival delays; the model does not change it.",
    },
]
POLICIES = Path(settings.BASE_DIR) / "docs" / "data" / "policies"
PROPOSED = POLICIES / "proposed"


def seed() -> None:
    """Creates what is not there yet; a second call changes nothing."""
    people = {name: _person(name) for name in PEOPLE}
    _credit(people)
    _flights(people)
    for path in sorted(POLICIES.glob("*.yaml")):
        _policy(path, people)


def propose() -> None:
    """Once versions are judged, Rui proposes a stricter policy and tries it on them."""
    path = PROPOSED / "credit-decisions.yaml"
    rui = User.objects.get(username="rui")
    if Policy.objects.get(name=path.stem).versions.count() > 1:
        return
    version = policies.submit(policies.draft(path.stem, path.read_text(), actor=rui), actor=rui)
    request_back_test(
        actor=rui, policy_version=version, selection=Selection(use_cases=("credit-decisions",))
    )


def token_for(username: str) -> str:
    """Makes a token of one day for the example pipelines."""
    user = User.objects.get(username=username)
    scopes = ["read", "register", "evaluate", "approve", "govern"]
    _token, plain = create_token(
        user, actor=None, name="demo", scopes=scopes, life=timedelta(days=1)
    )
    return plain


def _person(username: str) -> User:
    first, last, _role, groups = PEOPLE[username]
    return User.objects.filter(username=username).first() or create_user(
        username,
        actor=None,
        password=PASSWORD,
        first_name=first,
        last_name=last,
        email=f"{username}@imprimatur.example",
        groups=groups,
        check_password=False,
    )


def _credit(people: dict[str, User]) -> None:
    if UseCase.objects.filter(slug="credit-decisions").exists():
        return
    use_case = usecases.open_use_case(
        actor=people["bea"],
        slug="credit-decisions",
        title="Credit decisions",
        tier=UseCase.Tier.HIGH,
        need="Decide on consumer credit applications within a minute, losing less money than "
        "turning everyone away would, and without treating young applicants unfairly.",
        positive_meaning="bad risk: the customer will not repay",
        favourable_outcome=UseCase.Favourable.NEGATIVE,
        cost_false_negative=5.0,
        cost_false_positive=1.0,
        cost_unit="cost units",
        holders={code: [people[n] for n in names] for code, names in CREDIT_DUTIES.items()},
    )
    for kpi in CREDIT_KPIS:
        usecases.define_kpi(use_case, actor=people["bea"], **kpi)
    for title, team, state in [
        ("Applications reach the scoring service within one second", "Platform", "granted"),
        ("Score endpoint answers in 200 ms at 20 requests a second", "MLOps", "asked"),
        ("Outcomes come back to the warehouse every month", "Collections", "asked"),
    ]:
        usecases.add_requirement(
            use_case, actor=people["bea"], title=title, owner_team=team, state=state
        )


def _flights(people: dict[str, User]) -> None:
    if UseCase.objects.filter(slug="flight-delays").exists():
        return
    use_case = usecases.open_use_case(
        actor=people["bea"],
        slug="flight-delays",
        title="Flight delays",
        tier=UseCase.Tier.LOW,
        need="Warn passengers of late arrivals when the flight is scheduled, so that fewer of "
        "them wait at the airport.",
        positive_meaning="late: arrives at least 15 minutes after schedule",
        favourable_outcome=UseCase.Favourable.POSITIVE,
        cost_false_negative=4.0,
        cost_false_positive=1.0,
        cost_unit="cost units",
        holders={code: [people[n] for n in names] for code, names in FLIGHT_DUTIES.items()},
    )
    for kpi in FLIGHT_KPIS:
        usecases.define_kpi(use_case, actor=people["bea"], **kpi)


def _policy(path: Path, people: dict[str, User]) -> None:
    if Policy.objects.filter(name=path.stem).exists():
        return
    version = policies.draft(path.stem, path.read_text(), actor=people["rui"])
    policies.submit(version, actor=people["rui"])
    policies.publish(version, actor=people["root"])

"""Policies for tests: a small valid text, and versions of it in every state."""

from pathlib import Path

from governance.policies import services
from tests.accounts.factories import UserFactory

EXAMPLES = Path(__file__).parents[2] / "docs" / "data" / "policies"

TEXT = """\
policy: {name}
applies_to: {applies_to}
baseline: {baseline}
interval: {interval}
rules:
{rules}
approvals:
  - {{step: release, activity: approve_release, duty: A, meaning: approved}}
valid_for: 365 days
"""


def policy_text(
    *rules,
    name="credit",
    applies_to="{tiers: [1]}",
    baseline="latest blessed",
    interval="point",
):
    lines = "\n".join(f'  - "{rule}"' for rule in rules or ("auc floor: auc at least 0.75",))
    return TEXT.format(
        name=name, applies_to=applies_to, baseline=baseline, interval=interval, rules=lines
    )


def published(actor, *rules, name="credit", **parts):
    draft = services.draft(name, policy_text(*rules, name=name, **parts), actor=actor)
    return put_in_force(draft)


def put_in_force(draft):
    """Gives a draft to review in its author's name; Paz, a second editor, publishes it."""
    paz = UserFactory(username="paz", groups=["policy editor"])
    return services.publish(services.submit(draft, actor=draft.author), actor=paz)

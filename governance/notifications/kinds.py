"""The kinds of things people are told, in the few groups that a person chooses the mail of."""

from django.db import models


class Group(models.TextChoices):
    """What a person sets apart on the page *Me*."""

    TO_SIGN = "to_sign", "To sign"
    ADVICE = "advice", "Asked for advice or review"
    DUTIES = "duties", "My duties"
    TOLD = "told", "Told how it went on"
    SYSTEM = "system", "About this server"


class Delivery(models.TextChoices):
    """How mail of a group reaches a person."""

    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "In one mail a day"
    NEVER = "never", "Never by mail"


EXPLAINED = {
    Group.TO_SIGN: "Requests and exceptions that wait for your signature. They can be gathered, "
    "not silenced: others wait for you.",
    Group.ADVICE: "Advice somebody asks of you, and policies to review.",
    Group.DUTIES: "Changes asked of you, conditions to see to, duties to accept, hand-overs, standing in, clearances that end, models that "
    "serve without one.",
    Group.TOLD: "Questions and answers, advice given, requests decided, exceptions and policies you had a part in.",
    Group.SYSTEM: "Second factors of your account, webhooks that fail, the monthly report on gaps.",
}
GROUPS = {
    "approval_requested": Group.TO_SIGN,
    "exception_asked": Group.TO_SIGN,
    "advice_requested": Group.ADVICE,
    "policy_in_review": Group.ADVICE,
    "duties_to_accept": Group.DUTIES,
    "responsibility_told": Group.DUTIES,
    "clearance_ended": Group.DUTIES,
    "revalidation_due": Group.DUTIES,
    "registry_diverged": Group.DUTIES,
    "request_task": Group.DUTIES,
    "request_told": Group.TOLD,
    "condition_closed": Group.TOLD,
    "advice_given": Group.TOLD,
    "request_closed": Group.TOLD,
    "clearance_granted": Group.TOLD,
    "exception_told": Group.TOLD,
    "policy_told": Group.TOLD,
    "account_changed": Group.SYSTEM,
    "webhook_failing": Group.SYSTEM,
    "responsibility_gaps": Group.SYSTEM,
}
# What these ask can be done, and is over then.
ASKING = [kind for kind, group in GROUPS.items() if group in (Group.TO_SIGN, Group.ADVICE)]
# These tell that it is over.
CLOSING = ["request_closed", "condition_closed"]


def group_of(kind: str) -> Group:
    """The group of a kind; one that nobody has put anywhere tells how something went on."""
    return GROUPS.get(kind, Group.TOLD)


def deliveries_of(group: Group) -> list[Delivery]:
    """What may be chosen for a group: what one must sign is never silent."""
    if group == Group.TO_SIGN:
        return [Delivery.AT_ONCE, Delivery.DIGEST]
    return list(Delivery)

"""Channels are added and removed, and what people are told is queued for them."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.contrib.auth.models import Group as People
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotFound
from governance.jobs.sending import send_now
from governance.notifications.chat import addresses, transport
from governance.notifications.chat.models import Channel, Message
from governance.notifications.kinds import Group
from governance.notifications.models import Notification

SEND = "governance.notifications.tasks.send_chat"
LONGEST_NAME = 60
MOST_OF_ONE = 10


def add(
    *,
    actor: User,
    name: str,
    scheme: str,
    address: str,
    groups: Sequence[str],
    people: People | None = None,
) -> Channel:
    """Adds a channel of the actor's own, or by an administrator one of the people of a group."""
    if people and not is_administrator(actor):
        raise NotFound("There is no such group.")
    channel = Channel(
        name=_name(name),
        scheme=scheme,
        host=transport.check_address(scheme, address),
        user=None if people else actor,
        people=people,
        groups=_groups(groups),
        created_by=actor,
    )
    channel.address = address
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=actor.pk)
        same = Channel.objects.live().filter(user=channel.user, people=channel.people)
        if same.count() >= MOST_OF_ONE:
            raise Conflict(f"There are {MOST_OF_ONE} channels already; remove one first.")
        channel.save()
        audit.record(
            Event.CHANNEL_ADDED,
            channel,
            actor=actor,
            scheme=scheme,
            host=channel.host,
            groups=channel.groups,
            people=people.name if people else "",
        )
    return channel


def remove(channel: Channel, *, actor: User) -> None:
    """Forgets the address; what waits is not sent."""
    with transaction.atomic(durable=True):
        channel = _locked(channel, actor)
        channel.removed_at, channel.address = timezone.now(), ""
        channel.save(update_fields=["removed_at", "sealed_address"])
        audit.record(Event.CHANNEL_REMOVED, channel, actor=actor)


def queue(rows: Sequence[Notification]) -> None:
    """Writes a message for each channel that hears of what was just told, in the same transaction.

    A channel of a group is told once of what several of its people are told.
    """
    if not rows or not addresses.is_switched_on():
        return
    group, by_user = rows[0].group, {row.user_id: row for row in rows}
    waiting = Channel.objects.live().filter(groups__contains=[group])
    own = waiting.filter(user__in=by_user)
    messages = [Message(channel=one, notification=by_user[one.user_id]) for one in own]
    members = waiting.filter(people__user__in=by_user).order_by("pk", "people__user")
    messages += [
        Message(channel_id=channel, notification=by_user[user])
        for channel, user in members.distinct("pk").values_list("pk", "people__user")
    ]
    if messages:
        Message.objects.bulk_create(messages)
        transaction.on_commit(partial(send_now, SEND))


def send_again(message: Message, *, actor: User) -> Message:
    """Queues a message that was given up."""
    with transaction.atomic(durable=True):
        channel = _locked(message.channel, actor)
        message = Message.objects.select_for_update(of=["self"]).get(pk=message.pk)
        if message.state != Message.State.FAILED:
            raise Conflict("Only a message that failed is sent again.")
        reason = message.last_error
        message.state, message.attempts, message.last_error = Message.State.WAITING, 0, ""
        message.first_tried_at = message.next_try_at = None
        message.save()
        audit.record(Event.CHAT_RESENT, channel, actor=actor, message=message.pk, reason=reason)
        transaction.on_commit(partial(send_now, SEND))
    return message


def readable_by(user: User):  # noqa: ANN201 - a query set
    """The channels a person may see, with whose they are."""
    return Channel.objects.visible_to(user).select_related("user", "people", "created_by")


def troubled(user: User):  # noqa: ANN201 - a query set
    """Messages that failed or are being tried again, of the channels a person may see."""
    trouble = Q(state=Message.State.FAILED) | Q(state=Message.State.WAITING) & ~Q(last_error="")
    seen = Message.objects.filter(channel__in=Channel.objects.visible_to(user))
    return seen.filter(trouble).select_related("channel", "notification")


def _locked(channel: Channel, actor: User) -> Channel:
    seen = Channel.objects.visible_to(actor).select_for_update(of=["self"])
    found = seen.filter(pk=channel.pk).first()
    if found is None:
        raise NotFound("There is no such channel.")
    return found


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    return name


def _groups(groups: Iterable[str]) -> list[str]:
    chosen = list(dict.fromkeys(groups))
    if not chosen:
        raise Invalid("Choose at least one thing it hears of.", field="groups")
    for one in chosen:
        if one not in Group.values:
            raise Invalid(f"Groups are {', '.join(Group.values)}.", field="groups")
    return chosen

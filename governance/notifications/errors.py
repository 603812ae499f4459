"""What is said of a link in a mail that leads no further."""

from governance.errors import Conflict, NotAllowed, NotFound


def forged() -> NotFound:
    return NotFound(
        "This link was not written by this server, or was cut off on its way. What waits for you "
        "is under My work.",
        code="link_unknown",
    )


def of_another() -> NotAllowed:
    return NotAllowed(
        "This link was mailed to somebody else and leads only them. If it was mailed to you, sign "
        "out and sign in with that account.",
        code="link_of_another",
    )


def expired(days: int, url: str) -> Conflict:
    return Conflict(
        f"This link is older than {days} days and leads no further. What it was about has an "
        "address that stays.",
        code="link_expired",
        link=url,
    )


def used(url: str) -> Conflict:
    return Conflict(
        "This link has served: what the mail asked of you is done, or can no longer be done. How "
        "it ended is on the record.",
        code="link_used",
        link=url,
    )

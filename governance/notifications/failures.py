"""What a mail server's refusal means: never again, later for this mail, or later for all. Pure rules."""

import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=5)
LONGEST_REASON = 300

# A letter refused for its sender, the password or the greeting says nothing about the letter: the
# next one would fare no better, and none may be lost for a wrong setting.
OF_THE_SERVER = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPServerDisconnected,
)


@dataclass(frozen=True)
class Failure:
    """Why a letter did not leave, whether it ever can, and whether others would leave now."""

    reason: str
    is_permanent: bool = False
    is_of_server: bool = False


def failure_of(error: Exception) -> Failure:
    """Reads what sending raised; anything but mail and network trouble is a letter we cannot write."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = _worst(error)
        return Failure(_sentence("The address was refused", code, said), _is_final(code))
    if isinstance(error, OF_THE_SERVER):
        return Failure(_described(error), is_of_server=True)
    if isinstance(error, smtplib.SMTPResponseException):
        sentence = _sentence("The mail was refused", error.smtp_code, error.smtp_error)
        return Failure(sentence, _is_final(error.smtp_code))
    if isinstance(error, smtplib.SMTPException):
        return Failure(_described(error))
    if isinstance(error, OSError):
        return Failure(_described(error), is_of_server=True)
    return Failure(f"The mail could not be written: {type(error).__name__}.", is_permanent=True)


def next_wait(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: a minute, two, four, up to an hour."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def is_given_up(first_tried_at: datetime, now: datetime) -> bool:
    return now - first_tried_at >= GIVEN_UP_AFTER


def _worst(error: smtplib.SMTPRecipientsRefused) -> tuple[int, bytes]:
    return min(error.recipients.values(), key=lambda answer: answer[0])


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _sentence(beginning: str, code: int, said: bytes | str) -> str:
    return f"{beginning}: {code} {_text(said)}"[:LONGEST_REASON]


def _described(error: Exception) -> str:
    """What happened, in the server's words where it had any; never the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _sentence("The mail server refused", error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:LONGEST_REASON]


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())

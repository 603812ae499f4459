"""Reasons, advice and reports as people write them: long enough that others understand."""

from governance.errors import Invalid

# Characters.
SHORTEST, LONGEST = 10, 5000


def long_enough(text: str, field: str) -> str:
    """The text without space around it; Invalid where it says too little."""
    text = text.strip()
    if len(text) < SHORTEST:
        raise Invalid(
            f"Write at least {SHORTEST} characters, so that others understand.", field=field
        )
    return text


def sentence(text: str, field: str) -> str:
    """The text without space around it; Invalid where it says too little or too much."""
    text = long_enough(text, field)
    if len(text) > LONGEST:
        raise Invalid(f"Write at most {LONGEST} characters.", field=field)
    return text


def bounded(text: str, field: str, longest: int) -> str:
    """As `sentence`, with a limit of its own that the refusal names."""
    text = text.strip()
    if not SHORTEST <= len(text) <= longest:
        raise Invalid(
            f"Write {SHORTEST} to {longest} characters, so that others understand.", field=field
        )
    return text

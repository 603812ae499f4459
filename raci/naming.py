"""The words of a matrix: RACI, RASCI with an S for who supports, or DACI, whose driver is our R.

What is stored and routed is always R, A, S, C and I; a naming only says how it is written.
"""

RACI, RASCI, DACI = NAMINGS = ("raci", "rasci", "daci")
WORDS = {
    RACI: {"R": "Responsible", "A": "Accountable", "C": "Consulted", "I": "Informed"},
    RASCI: {
        "R": "Responsible",
        "A": "Accountable",
        "S": "Supports",
        "C": "Consulted",
        "I": "Informed",
    },
    DACI: {"D": "Driver", "A": "Approver", "C": "Contributor", "I": "Informed"},
}


def naming_of(snapshot: dict) -> str:
    """The naming of a matrix as plain values; those from before there were several say nothing."""
    return snapshot.get("naming", RACI)


def letters_of(naming: str) -> list[str]:
    """What a cell of such a matrix may say, as it is stored."""
    return ["A/R", "A", "R", *(["S"] if naming == RASCI else []), "C", "I"]


def shown(letters: str, naming: str) -> str:
    """Stored letters as people write them: A/R is A/D in DACI."""
    return letters.replace("R", "D") if naming == DACI else letters


def stored(letters: str, naming: str) -> str:
    """What people wrote as it is stored; what is unknown stays and is refused elsewhere."""
    letters = letters.strip().upper()
    if naming == DACI:
        letters = letters.replace("D", "R")
    return "A/R" if letters in {"R/A", "AR", "RA"} else letters


def known_letters(naming: str) -> str:
    """Says “R, A, C, I or A/R”."""
    *first, last = [*WORDS[naming], shown("A/R", naming)]
    return f"{', '.join(first)} or {last}"

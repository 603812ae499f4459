"""The words of a matrix: RACI, RASCI with an S for who supports, or DACI, whose driver is our R.

What is stored and routed is always R, A, S, C and I; a naming only says how it is written.
"""

RACI, RASCI, DACI = NAMINGS = ("raci", "rasci", "daci")
NO_PART = "no part"
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
# What each letter makes a role do, as it is stored.
DOES = {
    "R": "does it",
    "A": "answers for it",
    "S": "helps to do it",
    "C": "is asked before",
    "I": "is told after",
}
DOES_IN_DACI = DOES | {"R": "drives it", "A": "approves it", "C": "contributes to it"}


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


def word(letter: str, naming: str) -> str:
    """The word for one stored letter: R is Responsible, and Driver in DACI."""
    return WORDS[naming].get(shown(letter, naming), letter)


def words(letters: str, naming: str) -> str:
    """Says “Approver and Driver” for A/R in DACI, and “no part” for none."""
    return " and ".join(word(one, naming) for one in letters.split("/")) or NO_PART


def legend(naming: str) -> list[tuple[str, str]]:
    """The stored letters of a naming in the order of its name, each with what it does."""
    does = DOES_IN_DACI if naming == DACI else DOES
    single = [letters for letters in letters_of(naming) if len(letters) == 1]
    single.sort(key=lambda one: naming.upper().find(shown(one, naming)))
    return [(one, does[one]) for one in single]


def sound(naming: str) -> str:
    """Says that nothing is missing from a matrix of such letters."""
    does = dict(legend(naming))
    return f"Every activity has exactly one role that {does['A']} and one at least that {does['R']}."

"""Which use case a matrix is about, and where both are shown."""

SCOPE = "use-case:"


def slug_of(scope: str) -> str:
    return scope.removeprefix(SCOPE)


def scope_of(slug: str) -> str:
    return f"{SCOPE}{slug}"


def address_of(scope: str) -> str:
    """The page of a matrix."""
    return f"/raci/{slug_of(scope)}/"

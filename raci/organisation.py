"""What new matrices of the organisation begin with: a version of a matrix that an administrator chose."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from raci import rules, signals, templates, versions
from raci.errors import Conflict, Invalid, NotAllowed
from raci.models import Matrix, MatrixVersion, OrganisationDefault
from raci.templates import ORGANISATION, Template


def chosen_default() -> OrganisationDefault | None:
    """The choice in force; None while nobody chose or the choice was taken back. One query."""
    newest = OrganisationDefault.objects.select_related("version__matrix").first()
    return newest if newest and newest.version else None


def beginning(key: str = "") -> Template:
    """What a matrix begins with: the named template, or what the organisation takes without a name."""
    chosen = chosen_default() if key in ("", ORGANISATION) else None
    return _template(chosen) if chosen else templates.template(key)


def beginnings() -> list[Template]:
    """All that a matrix may begin with, first what is taken when nobody chooses."""
    chosen, known = chosen_default(), templates.templates()
    if chosen is None:
        return known
    return [_template(chosen), *(one for one in known if one.key != ORGANISATION)]


def _template(chosen: OrganisationDefault) -> Template:
    """Everybody reads it who opens a use case, so it does not say whose matrix it was."""
    snapshot = chosen.version.snapshot
    activities, roles = len(snapshot["activities"]), len(snapshot["roles"])
    description = (
        f"Chosen by {chosen.chosen_by_name} on {chosen.at:%-d %B %Y}: {activities} activities "
        f"in {roles} roles."
    )
    return Template(ORGANISATION, "The organisation's own matrix", description, snapshot)


def may_choose_default(user: AbstractBaseUser) -> bool:
    """Whether the person may change all matrices; one of them is not enough."""
    return user.has_perm("raci.change_matrix")


def choose_default(version: MatrixVersion, *, actor: AbstractBaseUser) -> OrganisationDefault:
    """Lets new matrices begin with this version, which has to be sound; those there are stay."""
    _require(actor, version.matrix)
    problems = [one.sentence for one in rules.check(versions.lines(version.snapshot))]
    if problems:
        raise Invalid(
            f"{version} is not sound, so nothing can begin with it.", reasons=problems
        )
    chosen = chosen_default()
    if chosen and chosen.version_id == version.pk:
        raise Conflict(f"New matrices begin with {version} already.")
    return _keep(version, version.matrix, actor=actor)


def drop_default(*, actor: AbstractBaseUser) -> None:
    """Lets new matrices begin with what the setting names, as before anybody chose."""
    chosen = chosen_default()
    _require(actor, chosen.version.matrix if chosen else None)
    if chosen is None:
        raise Conflict("Nobody has chosen a default, so there is none to drop.")
    _keep(None, chosen.version.matrix, actor=actor)


def _require(actor: AbstractBaseUser, matrix: Matrix | None) -> None:
    if may_choose_default(actor):
        return
    refusal = NotAllowed("Only an administrator chooses what new use cases begin with.")
    if matrix is not None:
        reasons = [refusal.sentence]
        signals.refused.send(sender=Matrix, reasons=reasons, **_told(matrix, actor))
    raise refusal


def _keep(
    version: MatrixVersion | None, matrix: Matrix, *, actor: AbstractBaseUser
) -> OrganisationDefault:
    """Keeps the choice; `matrix` is the one under which the trail tells it."""
    with transaction.atomic(durable=True):
        kept = OrganisationDefault.objects.create(
            version=version, chosen_by=actor, chosen_by_name=str(actor)[:200]
        )
        data = {"number": version.number if version else None}
        signals.changed.send(sender=Matrix, data=data, **_told(matrix, actor))
    return kept


def _told(matrix: Matrix, actor: AbstractBaseUser) -> dict[str, object]:
    return {"event": signals.DEFAULT_CHOSEN, "subject": matrix, "actor": actor}

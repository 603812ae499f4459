"""Matrices of responsibility: roles, activities, letters and the people who hold roles.

What a matrix is about stays unknown here: it has a plain scope key such as `use-case:credit-scoring`.
"""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from raci import naming
from raci.append_only import append_only_triggers


class Letters(models.TextChoices):
    ACCOUNTABLE_AND_RESPONSIBLE = "A/R", "Accountable and Responsible"
    ACCOUNTABLE = "A", "Accountable"
    RESPONSIBLE = "R", "Responsible"
    SUPPORTS = "S", "Supports"
    CONSULTED = "C", "Consulted"
    INFORMED = "I", "Informed"


class Naming(models.TextChoices):
    RACI = naming.RACI, "RACI"
    RASCI = naming.RASCI, "RASCI, with S for who supports"
    DACI = naming.DACI, "DACI, with D for who drives"


class MatrixQuerySet(models.QuerySet["Matrix"]):
    def visible_to(self, user: AbstractBaseUser) -> "MatrixQuerySet":
        """Matrices this person takes part in, or all for those who read everything."""
        return get_objects_for_user(user, "raci.view_matrix", klass=self, use_groups=False)


class Matrix(models.Model):
    scope = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200)
    naming = models.CharField(max_length=5, choices=Naming, default=Naming.RACI)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MatrixQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "matrices"

    def __str__(self) -> str:
        return f"RACI of {self.title}"


class Role(models.Model):
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="roles")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["matrix", "code"], name="role_code_once_in_matrix")
        ]

    def __str__(self) -> str:
        return self.title


class Activity(models.Model):
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="activities")
    key = models.CharField(max_length=60)
    stage = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    segregated = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "key"], name="activity_key_once_in_matrix"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Cell(models.Model):
    """The letters of one role in one activity; no row means no part in it."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="cells")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="cells")
    letters = models.CharField(max_length=3, choices=Letters)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "role"], name="one_cell_each"),
            models.CheckConstraint(
                condition=models.Q(letters__in=Letters.values), name="cell_letters_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letters} of {self.role} for {self.activity}"


class MatrixVersion(models.Model):
    """A matrix as it stood after a change; `snapshot` is as in `raci.edits`. Never altered."""

    matrix = models.ForeignKey(Matrix, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    digest = models.CharField(max_length=71)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # As written then: people rename themselves, history does not.
    changed_by_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "number"], name="matrix_version_number_once"
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.matrix} v{self.number}"


class OrganisationDefault(models.Model):
    """Which version new matrices begin with, by the newest row; without a version, the setting's."""

    version = models.ForeignKey(
        MatrixVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    chosen_by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"New matrices begin with {self.version or 'the setting'}"


def in_time() -> models.Q:
    """What has begun (`since`) and not ended (`until`); either may be left open."""
    now = timezone.now()
    begun = models.Q(since=None) | models.Q(since__lte=now)
    return begun & (models.Q(until=None) | models.Q(until__gt=now))


class PeriodQuerySet(models.QuerySet):
    def current(self) -> "PeriodQuerySet":
        return self.filter(in_time())

    def not_over(self) -> "PeriodQuerySet":
        """What is or will be in force."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: AbstractBaseUser) -> "TeamQuerySet":
        """One's own teams and those that hold a role in a matrix one sees; all for who sees all."""
        if user.has_perm("raci.view_matrix"):
            return self
        seen = TeamHolder.objects.filter(role__matrix__in=Matrix.objects.visible_to(user))
        own = models.Q(members=user.pk) | models.Q(pk__in=seen.values("team"))
        return self.filter(own).distinct()


class Team(models.Model):
    """People who hold roles together; it carries no permission but what its roles bring."""

    name = models.CharField(max_length=100)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="raci_teams", blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="team_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="team_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamHolder(models.Model):
    """A team in a role: each member holds it too, by a `Holder` that says through which team."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="team_holders")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="holdings")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField(auto_now_add=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["assigned_at"]
        constraints = [
            models.UniqueConstraint(fields=["role", "team"], name="team_holds_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.team} as {self.role}"


class HolderQuerySet(models.QuerySet["Holder"]):
    def in_time(self) -> "HolderQuerySet":
        """Holders whose time has come and has not run out, whatever became of their account.

        Each person once in a role: in their own name if so, else through one of their teams.
        """
        before = models.Q(team=None) | models.Q(pk__lt=models.OuterRef("pk"))
        same = Holder.objects.filter(
            in_time(), before, role=models.OuterRef("role"), user=models.OuterRef("user")
        )
        return self.filter(in_time()).filter(models.Q(team=None) | ~models.Exists(same))

    def current(self) -> "HolderQuerySet":
        """The same with an active account; an absent person stays a holder, see `Carrying`."""
        return self.in_time().filter(user__is_active=True)

    def left_behind(self) -> "HolderQuerySet":
        """Roles still held by accounts that are active no more."""
        return self.in_time().filter(user__is_active=False)


class Holder(models.Model):
    """A person in a role, perhaps from and until a moment; the trail keeps what was before.

    With a `team` as a member of it: such rows follow `TeamHolder` and the members, see `raci.teams`.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="holders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_holdings"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField(auto_now_add=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="member_holdings"
    )

    objects = HolderQuerySet.as_manager()

    class Meta:
        ordering = ["assigned_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "user"],
                condition=models.Q(team=None),
                name="person_holds_role_once",
            ),
            models.UniqueConstraint(
                fields=["role", "user", "team"], name="member_holds_role_once_by_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"

    @property
    def matrix(self) -> Matrix:
        return self.role.matrix


class Deputy(models.Model):
    """Who stands in for a person while they are away, in one matrix or wherever they hold a role."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_deputies"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_deputations"
    )
    matrix = models.ForeignKey(
        Matrix, null=True, blank=True, on_delete=models.CASCADE, related_name="deputies"
    )
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    named_at = models.DateTimeField(auto_now_add=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["named_at"]
        verbose_name_plural = "deputies"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("deputy")), name="deputy_of_somebody_else"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.person}"


class Absence(models.Model):
    """A time in which a person's duties go to their deputies; without a deputy they stay."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_absences"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["since"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gt=models.F("since")),
                name="absence_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} is away"


class Carrying(models.Model):
    """Who carries a role at this moment: its holder or, while they are away, who stands in.

    A view of the database (migration `holding`), so that routing costs no query of its own.
    """

    id = models.TextField(primary_key=True)
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="carrying")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="raci_carrying"
    )
    deputy_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, related_name="+"
    )

    class Meta:
        managed = False
        db_table = "raci_carrying"

    def __str__(self) -> str:
        return f"{self.user} carries {self.role}"


class Acknowledgement(models.Model):
    """A person accepts what they carry in a matrix, letter by letter; bound to exactly that."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_acknowledgements"
    )
    matrix = models.ForeignKey(
        Matrix, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    digest = models.CharField(max_length=64)
    letters = models.JSONField()
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "matrix", "-id"], name="acknowledged_by")]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.user} accepts {self.matrix}"

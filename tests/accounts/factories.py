"""People for tests: Ada asks, Bo approves, Cy is a stranger."""

import factory
from django.contrib.auth.models import Group

from governance.accounts.models import User


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ("username",)
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = factory.LazyAttribute(lambda user: user.username.capitalize())
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")

    @factory.post_generation
    def groups(self, create: bool, names: list[str] | None, **_: object) -> None:
        for name in ["member"] if names is None else names:
            self.groups.add(Group.objects.get(name=name))


PASSWORD = "correct horse battery"


def person(username: str, *groups: str) -> User:
    """A signed-up person; without groups a plain member."""
    user = UserFactory(username=username, groups=list(groups) or None)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user

"""Use cases for tests: Bo owns the business, Mo the model, Rui validates, Ada builds, Cy is a stranger."""

from governance.usecases import services
from tests.accounts.factories import UserFactory


def person(username, groups=("member",)):
    return UserFactory(username=username, groups=list(groups))


def use_case(slug="credit", *, owner=None, **fields):
    """An open use case; holders are given by role code: `use_case(RV=rui)`."""
    roles = {code: fields.pop(code) for code in list(fields) if code.isupper()}
    owner = owner or person("bo")
    return services.open_use_case(
        actor=owner,
        slug=slug,
        title=fields.pop("title", slug.title()),
        holders={"BO": [owner], **{code: [user] for code, user in roles.items()}},
        **fields,
    )


def registered_model(name="credit-scoring", *, owner=None):
    from registry import services as registry

    return registry.create_model(name, actor=owner or person("bo"))


def kpi(case, key="bad_rate", **fields):
    defaults = {"title": "Bad rate", "unit": "%", "direction": "lower", "target": 5.0}
    return services.define_kpi(case, actor=case.created_by, key=key, **{**defaults, **fields})

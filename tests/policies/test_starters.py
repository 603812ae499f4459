"""The texts that people begin a policy with."""

import pytest

from governance.policies.inheritance import resolve
from governance.policies.starters import find_starter, starters


@pytest.mark.parametrize("starter", starters(), ids=lambda one: one.key)
def test_a_starter_checks_without_problems(starter):
    resolved = resolve(starter.text)

    assert resolved.document.applies_to is not None
    assert any(rule.is_must for rule in resolved.document.rules)
    assert any(not rule.is_relative and rule.is_must for rule in resolved.document.rules)


def test_there_is_one_for_each_kind_of_use():
    tiers = {one.key: resolve(one.text).document.applies_to.tiers for one in starters()}

    assert tiers == {
        "credit": (1,),
        "forecasting": (2,),
        "internal-tool": (3,),
        "language-model": (),
    }


def test_the_one_for_language_models_asks_for_what_is_reported():
    rules = resolve(find_starter("language-model").text).document.rules

    assert sum(rule.metric.startswith("reported.") for rule in rules) >= 6


def test_an_unknown_key_leads_nowhere():
    assert find_starter("../models") is None

"""Mistakes at the command line are sentences."""

import pytest
from django.core.management import CommandError, call_command

from tests.accounts.factories import person
from tests.connections.factories import administrator

pytestmark = pytest.mark.django_db(transaction=True)


def refusal(*arguments):
    with pytest.raises(CommandError) as error:
        call_command("import_mlflow", *arguments)
    return str(error.value)


def test_mistakes_are_told():
    url = "https://mlflow.example.com"
    assert "no variable NOWHERE" in refusal("--from", url, "--token-env", "NOWHERE")
    person("ada")
    assert refusal("--from", url, "--user", "ada") == "There is no active administrator ada."
    administrator()
    assert "https://" in refusal("--from", "http://10.0.0.1")

import pytest

from governance.errors import Conflict
from governance.sealing import seal, unseal


def test_a_sealed_secret_is_readable_only_with_the_key_and_for_its_purpose(settings):
    sealed = seal("höchst geheim", "webhooks")

    assert "geheim" not in sealed
    assert unseal(sealed, "webhooks") == "höchst geheim"
    assert seal("höchst geheim", "webhooks") != sealed
    with pytest.raises(Conflict, match="set it again"):
        unseal(sealed, "connections")
    settings.SECRET_KEY = "another key"
    with pytest.raises(Conflict, match="set it again"):
        unseal(sealed, "webhooks")


def test_a_key_that_was_replaced_still_opens_what_it_sealed(settings):
    sealed = seal("secret", "webhooks")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new key"

    assert unseal(sealed, "webhooks") == "secret"


def test_nothing_is_sealed_as_nothing():
    assert (seal("", "webhooks"), unseal("", "webhooks")) == ("", "")

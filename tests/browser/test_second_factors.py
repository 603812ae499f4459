"""A passkey of the browser and an app without script: set up, asked for at the sign-in, signed with."""

import re

import pytest
from playwright.sync_api import Page, expect

from governance.runtime.story import PASSWORD
from tests.accounts.second_factors import App
from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in
from tests.browser.test_exceptions import ask
from tests.browser.test_screens import too_wide

pytestmark = pytest.mark.browser
# A finger that is always there, inside the machine.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_passkey(people) -> Page:
    """A window at a name, since passkeys know no numbers, whose machine has an authenticator."""
    url = people.url.replace("127.0.0.1", "localhost")
    page = people.stranger(base_url=url)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def test_a_passkey_is_added_lets_in_and_signs_and_root_removes_it(people):
    ask(people.page_of("mo"))
    page = with_passkey(people)
    sign_in(page, "rui")

    add_passkey(page)
    sign_out(page)
    sign_in_with_passkey(page)
    refuse_with_passkey(page)

    root_removes_it(people.page_of("root"))
    sign_out(page)
    sign_in(page, "rui")
    expect(page).to_have_url(re.compile("localhost:[0-9]+/$"))


def test_an_app_works_without_script(people):
    page = people.stranger(java_script_enabled=False)
    sign_in(page, "mo")

    app = set_up_app(page)
    sign_out(page)
    sign_in(page, "mo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_label("Code").fill(app.code(1))  # the one of now has set it up
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/$"))

    page.goto("/account/factors/")
    page.get_by_role("link", name="Remove the app").click()
    confirm(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none yet")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_factors_read_well_and_fit_a_phone(people, scheme):
    page = people.page_of("ada", color_scheme=scheme, viewport={"width": 390, "height": 800})
    for path in ("", "totp/activate/", "webauthn/add/", "webauthn/"):
        page.goto(f"/account/factors/{path}")
        if "reauthenticate" in page.url:
            assert violations(page) == []
            confirm(page)
        assert (path, violations(page)) == (path, [])
        assert (path, too_wide(page)) == (path, [])


def test_an_address_of_numbers_says_why_a_passkey_does_not_work(people):
    page = people.page_of("ada")
    page.goto("/account/factors/webauthn/add/")
    if "reauthenticate" in page.url:
        confirm(page)

    expect(page.get_by_text("Passkeys need a name and https in the address")).to_be_visible()


def add_passkey(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="Second factors").click()
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("They are shown only now.")).to_be_visible()
    assert page.locator("#recovery-codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Laptop").first).to_be_visible()
    assert violations(page) == []


def sign_in_with_passkey(page: Page) -> None:
    sign_in(page, "rui")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    assert violations(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("localhost:[0-9]+/$"))


def refuse_with_passkey(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Review the exception to ")).first.click()
    page.get_by_label("Refuse", exact=True).check()
    page.get_by_label("Reason").fill("The risk is too high for a month.")
    assert violations(page) == []
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("Signed. It is on the record")).to_be_visible()
    expect(page.get_by_text("UTC, confirmed with passkey")).to_be_visible()


def root_removes_it(page: Page) -> None:
    page.goto("/people/rui/")
    page.get_by_role("link", name="Second factors").click()
    page.get_by_label("Passkey “Laptop”").check()
    page.get_by_label("How you know").fill("He came by and showed his badge.")
    page.get_by_label("Your password").fill(PASSWORD)
    assert violations(page) == []
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("has no second factor")).to_be_visible()


def set_up_app(page: Page) -> App:
    page.goto("/account/factors/")
    page.get_by_role("link", name="Set up an app").click()
    confirm(page)
    app = App(page.locator("#secret").inner_text())
    page.get_by_label("code").fill(app.code())
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("link", name="I have kept them").click()
    return app


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

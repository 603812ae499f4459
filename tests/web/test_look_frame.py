"""The frame around every page: sections, the mark beside “My work”, the menu, pages of trouble."""

import pytest

from governance.web.context import sections
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


def test_the_current_section_is_marked_and_no_other():
    marked = [section.title for section in sections("/use-cases/credit-decisions/")]
    current = [one.title for one in sections("/use-cases/credit-decisions/") if one.is_current]

    assert len(marked) == 9
    assert current == ["Use cases"]


def test_a_request_for_approval_belongs_to_my_work():
    assert [one.title for one in sections("/approvals/7/") if one.is_current] == ["My work"]


def test_the_frame_names_the_reader_and_signs_out_by_post(client):
    client.force_login(person("ada", "member", "policy editor"))

    page = client.get("/connect/").content.decode()

    assert "member, policy editor" in page
    assert '<form method="post" action="/account/logout/">' in page
    assert page.count('aria-current="page"') == 0


def test_the_frame_costs_one_query(client, django_assert_num_queries):
    client.force_login(person("ada"))

    # The session, the person, and the groups the frame names.
    with django_assert_num_queries(3):
        client.get("/connect/")


def test_the_mark_counts_what_waits_without_holding_up_the_page(client):
    client.force_login(person("ada"))

    assert 'hx-get="/waiting/"' in client.get("/connect/").content.decode()
    assert client.get("/waiting/").content.strip() == b""


def test_a_page_that_is_not_there_says_so_in_the_frame(client):
    client.force_login(person("ada"))

    answer = client.get("/models/nothing-of-the-kind/")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_signing_in_shows_a_form_without_sections(client):
    page = client.get("/account/login/").content.decode()

    assert 'name="password"' in page
    assert "Portfolio" not in page


def test_a_wrong_password_is_told_above_the_form(client):
    person("ada")

    answer = client.post("/account/login/", {"login": "ada", "password": "wrong"})

    assert 'role="alert"' in answer.content.decode()

import base64

import pytest

from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.registry import factories


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return body


def test_without_a_token_one_is_asked_to_sign_in(client, db):
    response = client.get(f"{V1}models/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert problem(response)["title"] == "Sign in first"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic x", "Basic é", "Nope"])
def test_a_header_that_is_no_token_is_401(client, db, header):
    response = client.get(f"{V1}models/", headers={"Authorization": header})

    assert response.status_code == 401
    problem(response)


def test_the_token_also_works_as_the_password_of_basic(ada, client):
    bearer = bearing(ada)._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    basic = base64.b64encode(f"anything:{bearer}".encode()).decode()

    response = client.get(f"{V1}me/", headers={"Authorization": f"Basic {basic}"})

    assert response.json()["username"] == "ada"


def test_a_token_without_the_scope_is_refused_with_the_sentence(ada):
    reader = bearing(ada, "read")

    response = reader.post(f"{V1}models/", {"name": "x"})

    assert response.status_code == 403
    body = problem(response)
    assert body["code"] == "scope_missing"
    assert "lacks the scope register; it has read" in body["detail"]


def test_a_token_without_the_scope_read_cannot_read(ada):
    response = bearing(ada, "evaluate").get(f"{V1}models/")

    assert response.status_code == 403


def test_a_signed_in_browser_needs_its_csrf_token(ada):
    from rest_framework.test import APIClient

    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(ada, backend="governance.accounts.backends.PasswordBackend")

    assert browser.get(f"{V1}models/").status_code == 200
    assert browser.post(f"{V1}models/", {"name": "x"}).status_code == 403


def test_malformed_json_is_400(api):
    response = api.post(f"{V1}models/", "{", content_type="application/json")

    assert response.status_code == 400
    assert "JSON parse error" in problem(response)["detail"]


def test_json_nested_without_end_is_400(api):
    response = api.post(f"{V1}models/", "[" * 200_000, content_type="application/json")

    assert response.status_code == 400


def test_json_above_the_limit_is_413(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = api.post(f"{V1}models/", {"name": "x" * 200})

    assert response.status_code == 413
    assert problem(response)["code"] == "too_large"


def test_another_media_type_is_415(api):
    response = api.post(f"{V1}models/", "name=x", content_type="text/plain")

    assert response.status_code == 415
    problem(response)


def test_another_answer_than_json_is_406(api):
    response = api.get(f"{V1}models/", headers={"Accept": "text/html"})

    assert response.status_code == 406
    problem(response)


def test_another_method_is_405_and_names_the_allowed_ones(api):
    response = api.put(f"{V1}models/", {})

    assert response.status_code == 405
    assert "POST" in response["Allow"]


def test_fields_are_named_with_what_is_wrong(api):
    response = api.post(f"{V1}models/", {"name": "", "tags": {"a": ["b"]}})

    assert response.status_code == 400
    body = problem(response)
    assert set(body["errors"]) == {"name", "tags"}
    assert "name: This field may not be blank." in body["reasons"]


def test_a_domain_refusal_names_its_field(api):
    response = api.post(f"{V1}models/", {"name": "a/b"})

    assert response.status_code == 422
    assert problem(response)["field"] == "name"


def test_an_unknown_address_is_a_problem_document(client, db):
    response = client.get("/api/v2/nothing")

    assert response.status_code == 404
    assert "/api/docs/" in problem(response)["detail"]


def test_nul_in_an_address_is_404(api):
    assert api.get(f"{V1}models/a%00b/").status_code == 404
    assert api.get(f"{V1}models/?name=%00").status_code == 400


def test_a_page_beyond_the_end_is_404(api):
    response = api.get(f"{V1}models/?page=2")

    assert response.status_code == 404
    problem(response)


def test_an_unknown_choice_in_a_filter_is_400(api):
    factories.model("m", owner=person("ada"))

    response = api.get(f"{V1}models/m/versions/?stage=Nowhere")

    assert response.status_code == 400
    assert "stage" in problem(response)["errors"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_last_slash_may_be_left_out(api, method):
    response = getattr(api, method)(f"{V1}models", {"name": "m"})

    assert response.status_code in {200, 201}


def test_an_address_without_its_slash_still_needs_a_csrf_token(ada):
    from rest_framework.test import APIClient

    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(ada, backend="governance.accounts.backends.PasswordBackend")

    assert browser.post(f"{V1}models", {"name": "x"}).status_code == 403


def test_a_mistake_of_ours_is_a_problem_document_without_details(client, monkeypatch, ada):
    def fall(*_: object) -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr("governance.api.v1.me.MeViewSet.retrieve", fall)
    client.raise_request_exception = False
    client.force_login(ada)

    answer = client.get("/api/v1/me/")

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "broken"
    assert "secret" not in answer.content.decode()

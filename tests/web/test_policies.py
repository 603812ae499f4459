import html
from pathlib import Path

import pytest
from django.conf import settings

from governance.policies import services
from governance.policies.models import PolicyVersion
from governance.usecases.services import adopt_model, open_use_case
from registry.services import create_model
from tests.accounts.factories import PASSWORD, person
from tests.policies.factories import put_in_force

pytestmark = pytest.mark.django_db
TEXT = (Path(settings.BASE_DIR) / "docs/data/policies/credit-decisions.yaml").read_text()


@pytest.fixture
def editor():
    return person("rui", "member", "policy editor")


def test_a_policy_reads_as_sentences_beside_its_text(client, editor):
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    client.force_login(person("ada"))

    page = client.get("/policies/credit-decisions/").content.decode()

    assert "Auc floor" in page
    assert "cost at most 0.70" in page
    assert "Publish v" not in page


def test_a_draft_is_hidden_from_those_who_cannot_edit(client, editor):
    services.draft("credit-decisions", TEXT, actor=editor)
    client.force_login(person("ada"))

    assert client.get("/policies/credit-decisions/1/").status_code == 404
    assert client.get("/policies/credit-decisions/").status_code == 404


def test_an_editor_writes_and_publishes_a_policy(client, editor):
    client.force_login(editor)

    client.post("/policies/new/", {"name": "credit-decisions", "text": TEXT})
    client.post("/policies/credit-decisions/1/submit/")
    client.force_login(person("pet", "policy editor"))
    signed = {"reason": "I read every rule.", "password": PASSWORD}
    seen = PolicyVersion.objects.get().digest
    client.post("/policies/credit-decisions/1/publish/", {**signed, "seen": seen})

    assert PolicyVersion.objects.get().is_published
    page = client.get("/policies/credit-decisions/1/").content.decode()
    assert "I read every rule." in page
    assert "confirmed with password" in page


def test_a_mistake_keeps_the_text_and_says_what_is_wrong(client, editor):
    client.force_login(editor)
    wrong = TEXT.replace("auc at least 0.75", "auk at least 0.75")

    answer = client.post("/policies/new/", {"name": "credit-decisions", "text": wrong})

    assert answer.status_code == 422
    assert "auk" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def test_a_member_cannot_publish(client, editor):
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    client.force_login(person("ada"))

    assert client.post("/policies/credit-decisions/1/retire/").status_code == 403
    assert PolicyVersion.objects.get().is_published


def editor_page(client, address, **sent):
    answer = client.post(address, {"name": "credit-decisions", "text": TEXT, **sent})
    return answer, html.unescape(answer.content.decode())


def test_problems_stand_at_their_lines_and_lead_to_them(client, editor):
    client.force_login(editor)
    wrong = TEXT.replace("auc at least 0.75", "auk at least 0.75")
    line = wrong.split("\n").index('  - "auc floor: auk at least 0.75"') + 1

    answer, page = editor_page(client, "/policies/new/", text=wrong)

    assert answer.status_code == 422
    assert f'<a href="#line-{line}" data-jump-line="{line}"' in page
    assert f'<li id="line-{line}" class="editor-marked"' in page
    assert wrong in page


def test_checking_only_saves_nothing_and_says_how_it_reads(client, editor):
    client.force_login(editor)

    answer, page = editor_page(client, "/policies/new/", check="yes")

    assert answer.status_code == 200
    assert "No problem" in page
    assert "otherwise the version is not blessed" in page
    assert not PolicyVersion.objects.exists()


def test_a_text_is_checked_while_it_is_written(client, editor):
    client.force_login(editor)

    answer, page = editor_page(
        client, "/policies/new/check/", text=TEXT.replace("365 days", "soon")
    )

    assert answer.status_code == 200
    assert "1 problem" in page
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "a: &a [x]\nb: *a", "[" * 5000, "\x00", "é: {"]
)
def test_nothing_anybody_sends_breaks_the_editor(client, editor, text):
    client.force_login(editor)

    assert client.post("/policies/new/check/", {"text": text}).status_code == 200
    assert editor_page(client, "/policies/new/", text=text)[0].status_code == 422


def test_a_browsers_ends_of_lines_are_those_of_a_file(client, editor):
    client.force_login(editor)

    editor_page(client, "/policies/new/", text=TEXT.replace("\n", "\r\n"))

    assert PolicyVersion.objects.get().text == TEXT


def test_a_new_policy_may_begin_with_a_starter(client, editor):
    client.force_login(editor)

    page = client.get("/policies/new/?starter=language-model").content.decode()

    assert 'value="language-model-application"' in page
    assert "reported.groundedness" in page
    assert client.get("/policies/new/?starter=../../manage").status_code == 200


def test_a_draft_that_somebody_changed_meanwhile_is_not_overwritten(client, editor):
    draft = services.draft("credit-decisions", TEXT, actor=editor)
    seen = draft.digest
    services.revise(draft, TEXT + "# theirs\n", actor=person("pet", "policy editor"))
    client.force_login(editor)

    answer, page = editor_page(
        client, "/policies/credit-decisions/draft/", text=TEXT + "# mine\n", seen=seen
    )

    assert answer.status_code == 422
    assert "Pet changed credit-decisions v1 meanwhile" in page
    assert "# mine" in page
    assert PolicyVersion.objects.get().text.endswith("# theirs\n")


def test_what_is_only_doubted_is_marked_otherwise_than_a_problem(client, editor):
    client.force_login(editor)
    doubtful = TEXT.replace(" needs 50 rows else warn", " else warn")
    line = next(n for n, one in enumerate(doubtful.split("\n"), 1) if "four fifths:" in one)

    answer, page = editor_page(client, "/policies/new/", text=doubtful, check="yes")

    assert answer.status_code == 200
    assert "Worth a second thought" in page
    assert f'<li id="line-{line}" class="editor-noted"' in page


def test_while_a_version_is_in_review_nothing_is_saved_and_the_page_says_so(client, editor):
    services.submit(services.draft("credit-decisions", TEXT, actor=editor), actor=editor)
    client.force_login(editor)

    page = client.get("/policies/credit-decisions/draft/").content.decode()
    answer, kept = editor_page(
        client, "/policies/credit-decisions/draft/", text=TEXT + "# mine\n"
    )

    assert "is in review, so nothing can be saved here" in page
    assert '<button class="btn btn-primary" disabled>' in page
    assert answer.status_code == 422
    assert "publish it or send it back first" in kept
    assert "# mine" in kept


def test_who_wrote_the_text_is_told_why_the_button_does_nothing(client, editor):
    services.submit(services.draft("credit-decisions", TEXT, actor=editor), actor=editor)
    client.force_login(editor)

    page = client.get("/policies/credit-decisions/1/").content.decode()
    refused = client.post("/policies/credit-decisions/1/publish/")

    assert "1/publish/" not in page
    assert "another policy editor has to read and publish it" in page
    assert refused.status_code == 422
    assert "You wrote the text" in refused.content.decode()


def test_what_is_sent_back_says_why_where_its_author_looks(client, editor):
    services.submit(services.draft("credit-decisions", TEXT, actor=editor), actor=editor)
    client.force_login(person("pet", "policy editor"))

    nothing = client.post("/policies/credit-decisions/1/send-back/", {"send_back-reason": ""})
    client.post(
        "/policies/credit-decisions/1/send-back/", {"send_back-reason": "The floor is low."}
    )
    client.force_login(editor)

    assert nothing.status_code == 422
    for address in ("/policies/credit-decisions/1/", "/policies/credit-decisions/draft/"):
        page = client.get(address).content.decode()
        assert "Sent back by Pet" in page
        assert "The floor is low." in page


def test_a_version_shows_what_changes_and_where_that_leads(client, editor):
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    changed = TEXT.replace("auc at least 0.75", "auc at least 0.70")
    services.draft("credit-decisions", changed, actor=editor)
    client.force_login(editor)

    page = client.get("/policies/credit-decisions/2/").content.decode()

    assert "What changes against v1" in page
    assert "Rule “auc floor”: bound 0.75 → 0.70." in page
    assert "Looser" in page
    assert (
        '<span class="diff-added">+  - &quot;auc floor: auc at least 0.70&quot;</span>' in page
    )


def test_a_policy_says_which_models_it_is_for_and_a_use_case_which_policy(client, editor):
    bo = person("bo")
    case = open_use_case(actor=bo, slug="loans", title="Loans", tier=2)
    adopt_model(case, create_model("scoring", actor=bo), actor=person("root", "administrator"))
    client.force_login(bo)

    without = client.get("/use-cases/loans/").content.decode()
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    case_page = client.get("/use-cases/loans/").content.decode()
    policy_page = client.get("/policies/credit-decisions/").content.decode()
    other = TEXT.replace("policy: credit-decisions", "policy: other")
    put_in_force(services.draft("other", other, actor=editor))
    both = client.get("/policies/other/").content.decode()

    assert "No published policy applies to tier 2 of the use case loans" in without
    assert '<a href="/policies/credit-decisions/1/">credit-decisions v1</a>' in case_page
    assert (
        '<a href="/models/scoring/">scoring</a> in <a href="/use-cases/loans/">' in policy_page
    )
    assert "credit-decisions v1 and other v1 both apply" in both


def test_a_base_that_moved_on_is_told(client, editor):
    base = TEXT.replace("applies_to: {tiers: [1, 2]}", "base: true")
    base = base.replace("policy: credit-decisions", "policy: organisation-base")
    put_in_force(services.draft("organisation-base", base, actor=editor))
    own = "policy: credit\nextends: organisation-base\napplies_to: {tiers: [1]}\n"
    put_in_force(services.draft("credit", own, actor=editor))
    put_in_force(
        services.draft("organisation-base", base.replace("0.75", "0.80"), actor=editor)
    )
    client.force_login(editor)

    page = client.get("/policies/credit/").content.decode()

    assert "organisation-base v2 is out; draft a new version to take it over." in page
    assert "Rule “auc floor”: bound 0.80 → 0.75." in page
    assert "from organisation-base" in page

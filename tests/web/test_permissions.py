"""Who may pass which door of the screens: one table, whose rows are compared with the addresses."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from string import Template

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from governance.accounts.models import ApiToken, User
from governance.connections.models import Connection
from governance.notifications.links import signer
from governance.notifications.models import Notification
from governance.policies.models import PolicyVersion
from governance.web.urls import urlpatterns
from governance.webhooks.models import Delivery
from tests.accounts.factories import PASSWORD, person
from tests.api import world
from tests.api.test_permissions import undone
from tests.policies.factories import policy_text
from tests.webhooks.factories import webhook

# Ada builds and has asked; Cy is a stranger; Vi audits; Mo answers for the model, Bo for the
# business; Rui validates; Sam advises on security; Olu operates; Pol edits policies; Root
# administers. Every act that succeeds answers with a redirect.
ROLES = ["ada", "cy", "vi", "mo", "bo", "rui", "sam", "olu", "pol", "root"]
#   ada cy  vi  mo  bo  rui sam olu pol root
TABLE = """
200 200 200 200 200 200 200 200 200 200  GET   /
200 200 200 200 200 200 200 200 200 200  GET   /waiting/
302 302 302 302 302 302 302 302 302 302  POST  /told/ {"told": "1"}
200 200 200 200 200 200 200 200 200 200  GET   /portfolio/
200 200 200 200 200 200 200 200 200 200  GET   /use-cases/
200 200 200 200 200 200 200 200 200 200  GET   /use-cases/open/
302 302 422 302 302 302 302 302 302 302  POST  /use-cases/open/ {"title": "Churn", "need": "Keep them.", "tier": 3, "positive_meaning": "leaves", "favourable_outcome": "positive", "cost_false_positive": 1, "cost_false_negative": 4}
200 404 200 200 200 200 200 200 404 200  GET   /use-cases/credit/
200 404 200 200 200 200 200 200 404 200  GET   /use-cases/credit/tier/
422 404 422 302 302 422 422 422 404 422  POST  /use-cases/credit/tier/ {"tier": 2, "statement": "It only advises."}
200 404 200 200 200 200 200 200 404 200  GET   /use-cases/credit/base-models/ask/
302 404 422 302 422 422 422 302 404 422  POST  /use-cases/credit/base-models/ask/ {"base_model": "small-7b", "statement": "It is open."}
200 200 200 200 200 200 200 200 200 200  GET   /models/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/
200 200 200 200 200 200 200 200 200 200  GET   /models.csv
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions.csv
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/trail.csv
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/trail.csv
200 200 200 200 200 200 200 200 200 200  GET   /audit.csv
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/history/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/trail/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/lineage/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/trail/
302 404 403 404 404 404 404 404 404 302  POST  /models/free/adopt/ {"use_case": "$case_id"}
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/revalidation/
422 404 422 422 422 422 422 422 404 422  POST  /models/credit-scoring/versions/1/revalidation/ {"statement": "It still earns."}
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/retirement/
422 404 422 422 422 422 422 422 404 422  POST  /models/credit-scoring/versions/1/retirement/ {"statement": "It is no longer sold."}
302 404 422 302 422 422 422 302 404 422  POST  /models/credit-scoring/versions/3/ask/ {"statement": "Better."}
403 404 403 403 403 403 403 302 404 302  POST  /models/credit-scoring/versions/1/promote/
403 404 403 403 403 403 403 403 404 403  POST  /models/credit-scoring/versions/2/promote/
302 404 302 302 302 302 302 302 404 302  GET   /evaluations/$finished/
200 404 200 200 200 200 200 200 404 200  GET   /evaluations/$finished.csv
200 404 200 200 200 200 200 200 404 200  GET   /evaluations/$finished.json
403 404 403 302 403 403 403 403 404 302  POST  /evaluations/$finished/judge/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/compare/
302 404 302 302 302 302 302 302 404 302  POST  /models/credit-scoring/compare/ {"first": "$finished", "second": "$other"}
200 404 200 200 200 200 200 200 404 200  GET   /comparisons/$comparison.csv
200 404 200 200 200 200 200 200 404 200  GET   /comparisons/$comparison.json
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/infra/
422 404 422 422 422 422 422 422 404 422  POST  /models/credit-scoring/versions/1/infra/request/ {"seconds": 5, "memory_mb": 256}
200 404 200 200 200 200 200 200 404 200  GET   /infra-checks/$infra/
200 200 200 200 200 200 200 200 200 200  GET   /datasets/
200 200 200 200 200 200 200 200 200 200  GET   /datasets.csv
200 200 200 200 200 200 200 200 200 200  GET   /datasets/new/
422 422 422 422 422 422 422 422 422 422  POST  /datasets/new/ {"name": "people"}
200 404 200 200 200 200 200 200 404 200  GET   /datasets/$data_set/
302 404 422 302 422 422 422 422 404 422  POST  /datasets/$data_set/describe/ {"licence": "CC0-1.0"}
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/card/
302 404 422 302 422 422 422 422 404 422  POST  /models/credit-scoring/versions/1/card/edit/ {"overview": "o"}
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/card.md
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/card.json
200 200 200 200 200 200 200 200 200 200  GET   /approvals/
200 404 200 200 200 200 200 200 404 200  GET   /approvals/$approval/
422 404 422 422 422 302 422 422 404 422  POST  /approvals/$approval/votes/ {"decision": "approve", "reason": "It does the job.", "password": "$password", "evidence_digest": "$evidence", "conditions-TOTAL_FORMS": 0, "conditions-INITIAL_FORMS": 0}
403 404 403 403 403 403 403 403 404 403  POST  /approvals/$approval/passkey/
422 404 422 422 422 422 422 422 404 422  POST  /approvals/$approval/rounds/ {"round-answer": "Nothing has to change."}
302 404 302 302 302 302 302 302 404 302  POST  /approvals/$approval/comments/ {"comment-text": "Why now?"}
302 404 422 422 422 422 422 422 404 422  POST  /conditions/$condition/report/ {"finding-$condition-report": "It is done now."}
422 404 422 422 422 302 422 422 404 422  POST  /conditions/$reported/closure/
422 404 422 422 422 302 422 422 404 422  POST  /conditions/$reported/reopening/ {"finding-$reported-reason": "It is not done."}
404 404 404 404 404 302 302 404 404 404  POST  /approvals/$approval/advice/ {"advice": "Look at the young."}
302 404 422 422 422 422 422 422 404 302  POST  /approvals/$approval/withdrawal/ {"withdraw-reason": "A better one comes."}
200 200 200 200 200 200 200 200 200 200  GET   /exceptions/
200 200 200 200 200 200 200 200 200 200  GET   /exceptions.csv
200 404 200 200 200 200 200 200 404 200  GET   /exceptions/$exception/
422 404 422 422 302 302 422 422 404 422  POST  /exceptions/$exception/signatures/ {"decision": "grant", "reason": "I answer for it.", "password": "$password"}
403 404 403 403 403 403 403 403 404 403  POST  /exceptions/$exception/passkey/
422 404 422 302 422 422 422 422 404 302  POST  /exceptions/$exception/withdrawal/ {"end-reason": "It passes now."}
422 404 422 302 302 302 422 422 404 302  POST  /exceptions/$granted/revocation/ {"end-reason": "The risk is too high."}
200 404 200 200 200 200 200 200 404 200  GET   /blessings/$red/rules/0/exception/
422 404 422 302 422 422 422 422 404 422  POST  /blessings/$red/rules/0/exception/ {"reason": "Too few young ones.", "compensation": "A person reads each.", "until": "$until"}
200 200 200 200 200 200 200 200 200 200  GET   /policies/
200 200 200 200 200 200 200 200 200 200  GET   /policies/new/
422 422 422 422 422 422 422 422 302 302  POST  /policies/new/ {"name": "loans", "text": "$text"}
200 200 200 200 200 200 200 200 200 200  GET   /policies/credit/
200 200 200 200 200 200 200 200 200 200  GET   /policies/credit/1/
404 404 200 404 404 404 404 404 200 200  GET   /policies/draft/1/
200 200 200 200 200 200 200 200 200 200  GET   /policies/credit/draft/
404 404 200 404 404 404 404 404 200 200  GET   /policies/draft/draft/
404 404 422 404 404 404 404 404 302 302  POST  /policies/draft/draft/ {"name": "draft", "text": "$draft_text"}
200 200 200 200 200 200 200 200 200 200  POST  /policies/new/check/ {"text": "$text"}
404 404 403 404 404 404 404 404 302 302  POST  /policies/draft/1/submit/
404 404 422 404 404 404 404 404 302 302  POST  /policies/draft/1/discard/ {"discard-reason": "Not needed."}
404 404 422 404 404 404 404 404 302 302  POST  /policies/review/1/send-back/ {"send_back-reason": "Too low."}
404 404 422 404 404 404 404 404 422 302  POST  /policies/review/1/publish/ {"reason": "I read it.", "password": "$password", "seen": "$reviewed"}
404 404 403 404 404 404 404 404 403 403  POST  /policies/review/1/passkey/
403 403 403 403 403 403 403 403 302 302  POST  /policies/credit/1/retire/
200 200 200 200 200 200 200 200 200 200  GET   /backtests/
200 200 200 200 200 200 200 200 200 200  GET   /backtests/new/
302 422 302 302 302 302 302 302 422 302  POST  /backtests/new/ {"text": "$text"}
200 404 200 404 404 404 404 404 404 200  GET   /backtests/$back_test/
200 404 200 404 404 404 404 404 404 200  GET   /backtests/$back_test.csv
200 200 200 200 200 200 200 200 200 200  GET   /what-if/
200 404 200 200 200 200 200 200 404 200  GET   /models/credit-scoring/versions/1/what-if/
200 200 200 200 200 200 200 200 200 200  GET   /raci/
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit/
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit/acceptance/
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/holders/ {"holder-role": "SEC", "holder-holder": "team:$team"}
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/holders/$holder/end/
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/teams/$team_holder/end/
200 200 200 200 200 200 200 200 200 200  GET   /teams/
422 422 422 422 422 422 422 422 422 302  POST  /teams/ {"name": "Audit"}
200 404 200 200 200 200 200 200 404 200  GET   /teams/$team/
422 404 422 422 422 422 422 422 404 302  POST  /teams/$team/members/ {"person": "$cy"}
403 404 403 404 404 404 404 404 404 302  POST  /teams/$idle/members/ada/end/
403 404 403 404 404 404 404 404 404 302  POST  /teams/$idle/delete/
302 302 302 302 302 302 302 302 302 302  GET   /me/answers/
200 404 200 404 404 404 404 404 404 200  GET   /people/ada/
302 404 403 404 404 404 404 404 404 302  POST  /people/ada/deputies/ {"deputy-deputy": "$cy"}
302 404 403 404 404 404 404 404 404 302  POST  /people/ada/deputies/$deputy/end/
302 404 403 404 404 404 404 404 404 302  POST  /people/ada/absences/ {"absence-until": "$until"}
302 404 403 404 404 404 404 404 404 302  POST  /people/ada/absences/$absence/end/
422 404 403 404 404 404 404 404 404 302  POST  /people/ada/hand-over/ {"over-to": "$cy", "over-reason": "She leaves."}
404 404 404 404 404 404 404 404 404 200  GET   /people/ada/factors/
404 404 404 404 404 404 404 404 404 422  POST  /people/ada/factors/ {"lost-reason": "She came by."}
200 200 200 200 200 200 200 200 200 200  GET   /responsibility/
200 200 200 200 200 200 200 200 200 200  GET   /responsibility.csv
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit.csv
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit.xlsx
403 404 403 403 200 403 403 403 404 200  GET   /raci/credit/import/
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/import/ {"expected": "1", "text": "key,BO\\nrelease,C"}
403 404 403 403 200 403 403 403 404 200  GET   /raci/credit/edit/
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/edit/ {"expected": 1, "cell:release:BO": "C"}
200 404 200 200 200 200 200 200 404 200  POST  /raci/credit/edit/check/ {"expected": 1, "cell:release:BO": "C"}
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit/versions/
200 404 200 200 200 200 200 200 404 200  GET   /raci/credit/versions/1/
403 404 403 403 302 403 403 403 404 302  POST  /raci/credit/versions/1/restore/ {"expected": 1}
403 404 403 403 403 403 403 403 404 302  POST  /raci/credit/versions/1/default/
403 403 403 403 403 403 403 403 403 409  POST  /raci-default/end/
200 200 200 200 200 200 200 200 200 200  GET   /jobs/
200 404 200 200 200 200 200 200 404 200  GET   /jobs/$job/
403 404 403 302 403 403 403 403 404 302  POST  /jobs/$job/cancel/
403 404 403 302 403 403 403 403 404 302  POST  /jobs/$failed/retry/
404 404 404 404 404 404 404 404 404 200  GET   /connections/
404 404 404 404 404 404 404 404 404 200  GET   /connections/new/
404 404 404 404 404 404 404 404 404 302  POST  /connections/new/ {"name": "lab", "url": "https://mlflow.example.com"}
404 404 404 404 404 404 404 404 404 302  POST  /connections/$connection/test/
404 404 404 404 404 404 404 404 404 302  POST  /connections/$connection/import/
404 404 404 404 404 404 404 404 404 302  POST  /connections/$connection/switch/ {"enabled": "no"}
200 200 200 200 200 200 200 200 200 200  GET   /webhooks/
200 200 200 200 200 200 200 200 200 200  GET   /webhooks/new/
302 302 302 302 302 302 302 302 302 302  POST  /webhooks/new/ {"name": "ci", "url": "https://hooks.example.com/", "events": "prompt.created"}
200 404 404 404 404 404 404 404 404 200  GET   /webhooks/$webhook/
200 404 404 404 404 404 404 404 404 200  GET   /webhooks/$webhook/edit/
302 404 404 404 404 404 404 404 404 302  POST  /webhooks/$webhook/edit/ {"name": "ci", "url": "https://hooks.example.com/", "events": "prompt.created"}
302 404 404 404 404 404 404 404 404 302  POST  /webhooks/$webhook/switch/ {"status": "DISABLED"}
302 404 404 404 404 404 404 404 404 302  POST  /webhooks/$webhook/test/
302 404 404 404 404 404 404 404 404 302  POST  /webhooks/$webhook/deliveries/$delivery/again/
200 200 200 200 200 200 200 200 200 200  GET   /webhooks/new/governance/
200 200 200 200 200 200 200 200 200 200  POST  /webhooks/new/governance/ {"name": "ci", "url": "https://hooks.example.com/", "events": "request.opened"}
200 404 404 404 404 404 404 404 404 200  POST  /webhooks/$governed/secret/
302 404 404 404 404 404 404 404 404 302  POST  /webhooks/$webhook/delete/
200 200 200 200 200 200 200 200 200 200  GET   /channels/
302 302 302 302 302 302 302 302 302 302  POST  /channels/ {"name": "s", "scheme": "slack", "address": "https://hooks.slack.com/services/T1/B1/X1", "groups": "told"}
302 404 404 404 404 404 404 404 404 302  POST  /channels/$channel/remove/
302 404 404 404 404 404 404 404 404 302  POST  /channels/messages/$message/again/
200 200 200 200 200 200 200 200 200 200  GET   /audit/
200 200 200 200 200 200 200 200 200 200  GET   /me/
200 200 200 200 200 200 200 200 200 200  POST  /me/tokens/ {"name": "nightly", "scopes": "read", "life": "30"}
302 404 404 404 404 404 404 404 404 404  POST  /me/tokens/$token/revoke/
200 200 200 200 200 200 200 200 200 200  GET   /outbox/
200 200 200 200 200 200 200 200 200 200  GET   /outbox/$mail/
200 200 200 200 200 200 200 200 200 200  GET   /outbox/$mail/letter/
302 302 302 302 302 302 302 302 302 302  POST  /me/mail/ {"to_sign": "digest", "advice": "at_once", "duties": "never", "told": "never", "system": "never", "digest_hour": "8"}
403 403 403 403 403 302 403 403 403 403  GET   /links/$link/
404 404 404 404 404 404 404 404 404 200  GET   /mail/
302 404 404 404 404 404 404 404 404 302  POST  /mail/$failed_mail/again/
200 200 200 200 200 200 200 200 200 200  GET   /connect/
"""
ROW = re.compile(
    r"(?P<statuses>(?:\d{3} ){10}) *(?P<method>GET|POST) +(?P<path>\S+) *(?P<form>.*)"
)
MAIL = b"Content-Type: text/plain\nSubject: To sign\nTo: rui@example.org\n\nPlease sign.\n"


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    form: str
    statuses: dict[str, int]

    def __str__(self):
        return f"{self.method} {self.path}"

    def knock(self, client, ids):
        address = Template(self.path).substitute(ids)
        if self.method == "GET":
            return client.get(address)
        form = json.loads(self.form or "{}")

        def filled(text):
            return Template(str(text)).substitute(ids)

        return client.post(address, {filled(key): filled(one) for key, one in form.items()})


def doors():
    for line in TABLE.strip().splitlines():
        row = ROW.fullmatch(line)
        statuses = dict(zip(ROLES, map(int, row["statuses"].split()), strict=True))
        yield Door(row["method"], row["path"], row["form"], statuses)


@pytest.fixture
def ids(db, tmp_path, settings):
    """The API's small world, a token of Ada's, and a mail in the outbox."""
    (tmp_path / "20260101.log").write_bytes(MAIL)
    settings.EVALUATION_ROOTS = settings.INFRA_ROOTS = [str(tmp_path)]
    settings.DEBUG, settings.OUTBOX = True, tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.CHAT_SCHEMES, settings.CHAT_HOSTS = ["slack"], ["hooks.slack.com"]
    made = world.build(tmp_path)
    settings.EMAIL_FILE_PATH = tmp_path / "sent"
    token, _ = ApiToken.objects.create(user=person("ada"), name="x", scopes=["read"])
    connected = Connection.objects.create(
        name="there",
        url="https://there.example.com",
        for_registry=True,
        created_by=person("root"),
    )
    hook = webhook(owner=person("ada"))
    delivery = Delivery.objects.create(
        webhook=hook, event="prompt.created", body="{}", state="failed"
    )
    asked = Notification.objects.filter(kind="approval_requested", user=person("rui")).latest(
        "pk"
    )
    return made | {
        "governed": made["webhook"],
        "webhook": hook.pk,
        "connection": connected.pk,
        "delivery": delivery.pk,
        "case_id": made["case"].pk,
        "password": PASSWORD,
        "reviewed": PolicyVersion.objects.get(policy__name="review").digest,
        "until": (timezone.localdate() + timedelta(days=30)).isoformat(),
        "text": policy_text(name="loans"),
        "draft_text": policy_text(name="draft"),
        "token": token.token_key,
        "mail": "20260101-0",
        "link": signer.sign(asked.pk),
    }


def client_of(role):
    client = Client()
    client.force_login(User.objects.get(username=role))
    return client


def test_each_person_gets_the_answers_of_the_table(subtests, ids):
    for role in ROLES:
        client = client_of(role)
        for door in doors():
            with undone():
                status = door.knock(client, ids).status_code
            with subtests.test(f"{role}: {door}"):
                assert status == door.statuses[role]


def test_who_has_not_signed_in_is_sent_to_the_sign_in_page(ids):
    for door in doors():
        answer = door.knock(Client(), ids)

        assert (str(door), answer.status_code) == (str(door), 302)
        assert answer.url.startswith("/account/login/")


def test_a_link_never_acts(ids):
    root = client_of("root")
    read = {door.path for door in doors() if door.method == "GET"}

    for path in {door.path for door in doors()} - read:
        assert (path, root.get(Template(path).substitute(ids)).status_code) == (path, 405)


def test_a_stranger_finds_nothing_in_a_list(ids):
    stranger = client_of("cy")

    for path in (
        "/",
        "/portfolio/",
        "/approvals/",
        "/use-cases/",
        "/models/",
        "/raci/",
        "/responsibility/",
        "/jobs/",
        "/audit/",
        "/backtests/",
        "/what-if/",
    ):
        shown = stranger.get(path).content.decode().partition("<main")[2].lower()
        shown = shown.partition('id="begin"')[
            0
        ]  # templates are for everybody; one is for credit

        assert shown
        assert (path, "credit" in shown) == (path, False)


def test_every_door_has_a_row():
    assert {_name_of(door.path) for door in doors()} == {one.name for one in urlpatterns}


def _name_of(path):
    """The name of an address; its placeholders stand for numbers or for uuids."""
    examples = ("0b6f1c7e-8a51-4f0e-9d0c-2f5d3a1f0a11", "1")
    for example in examples:
        with suppress(Resolver404):
            return resolve(re.sub(r"\$\w+", example, path)).url_name
    raise AssertionError(f"There is no address {path}.")

"""Who may pass which door: one table, whose rows are compared with the addresses that exist."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from string import Template

import pytest
from django.urls import resolve
from django.utils import timezone
from rest_framework.test import APIClient

from governance.accounts.models import User
from governance.api.v1.urls import urlpatterns
from tests.accounts.factories import PASSWORD, person
from tests.api import world
from tests.api.clients import V1, bearing, undone
from tests.policies.factories import policy_text

# Nobody has no token; Ada builds, and `reads` is a token of hers for reading only; Cy is a
# stranger; Vi audits; Mo answers for the model, Bo for the business; Rui validates; Sam advises
# on security; Olu operates; Pol edits policies; Root administers.
ROLES = ["nobody", "reads", "ada", "cy", "vi", "mo", "bo", "rui", "sam", "olu", "pol", "root"]
# 404 hides what one may not see; 409 is Bo's, who cannot both ask and sign.
#
# no  reads ada cy vi  mo  bo  rui sam olu pol root
TABLE = """
401 200 200 200 200 200 200 200 200 200 200 200  GET    me/
401 200 200 200 200 200 200 200 200 200 200 200  GET    me/mail/
401 403 200 200 200 200 200 200 200 200 200 200  PATCH  me/mail/ {"deliveries": {"told": "digest"}}
401 200 200 200 200 200 200 200 200 200 200 200  GET    notifications/
401 403 201 201 201 201 201 201 201 201 201 201  POST   notifications/acknowledgements/ {"notifications": [1]}
401 200 200 404 404 404 404 404 404 404 404 200  GET    notifications/$failed_mail/
401 403 201 404 404 404 404 404 404 404 404 201  POST   notifications/$failed_mail/sendings/
401 200 200 200 200 200 200 200 200 200 200 200  GET    channels/
401 403 201 201 201 201 201 201 201 201 201 201  POST   channels/ {"name": "s", "scheme": "slack", "address": "https://hooks.slack.com/services/T1/B1/X1", "groups": ["told"]}
401 403 404 404 404 404 404 404 404 404 404 201  POST   channels/ {"name": "s", "scheme": "slack", "address": "https://hooks.slack.com/services/T1/B1/X1", "groups": ["told"], "people": "auditor"}
401 200 200 404 404 404 404 404 404 404 404 200  GET    channels/$channel/
401 403 204 404 404 404 404 404 404 404 404 204  DELETE channels/$channel/
401 200 200 200 200 200 200 200 200 200 200 200  GET    messages/
401 403 201 404 404 404 404 404 404 404 404 201  POST   messages/$message/sendings/
401 200 200 200 200 200 200 200 200 200 200 200  GET    use-cases/
401 403 201 201 403 201 201 201 201 201 201 201  POST   use-cases/ {"title": "Fraud"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/
401 403 403 404 403 403 200 403 403 403 404 200  PATCH  use-cases/credit/ {"need": "Lose less."}
401 403 403 404 403 200 200 200 403 403 404 200  POST   use-cases/credit/tiers/ {"tier": 1}
401 403 201 404 403 404 404 404 404 404 404 201  POST   use-cases/credit/models/ {"model": "free"}
401 403 403 404 403 201 201 403 403 403 404 201  POST   use-cases/credit/requirements/ {"title": "Logs", "owner_team": "Ops"}
401 403 403 404 403 200 200 403 403 403 404 200  PATCH  use-cases/credit/requirements/$requirement/ {"state": "granted"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/kpis/
401 403 201 404 403 201 201 403 403 403 404 201  POST   use-cases/credit/kpis/ {"key": "k", "title": "K", "direction": "lower", "target": 1}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/kpis/bad_rate/
401 403 200 404 403 200 200 403 403 403 404 200  PATCH  use-cases/credit/kpis/bad_rate/ {"target": 2}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/kpis/bad_rate/observations/
401 403 403 404 403 201 201 403 403 403 404 201  POST   use-cases/credit/kpis/bad_rate/observations/ {"period_start": "2024-01-01", "period_end": "2024-01-31", "value": 1}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/
401 403 403 404 403 403 200 403 403 403 404 200  PATCH  use-cases/credit/raci/ {"expected": 1, "cells": [{"activity": "release", "role": "BO", "letters": "C"}]}
401 403 403 404 403 403 200 403 403 403 404 200  PUT    use-cases/credit/raci/ {"expected": 1, "matrix": {"roles": [{"code": "BO", "title": "BO"}, {"code": "MO", "title": "MO"}, {"code": "DS", "title": "DS"}, {"code": "DE", "title": "DE"}, {"code": "MLE", "title": "MLE"}, {"code": "OPS", "title": "OPS"}, {"code": "RV", "title": "RV"}, {"code": "SEC", "title": "SEC"}], "activities": []}}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/csv/
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/xlsx/
401 403 403 404 403 403 200 403 403 403 404 200  POST   use-cases/credit/raci/imports/ {"expected": 1, "text": "key,BO\\nrelease,C"}
401 403 403 404 403 403 200 403 403 403 404 200  POST   use-cases/credit/raci/components/ {"expected": 1}
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/versions/
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/versions/1/
401 403 403 404 403 403 200 403 403 403 404 200  POST   use-cases/credit/raci/versions/1/restore/ {"expected": 1}
401 403 403 404 403 403 201 403 403 403 404 201  POST   use-cases/credit/raci/holders/ {"role": "DE", "username": "ada"}
401 403 403 404 403 403 204 403 403 403 404 204  DELETE use-cases/credit/raci/holders/$holder/
401 403 403 404 403 403 201 403 403 403 404 201  POST   use-cases/credit/raci/teams/ {"role": "SEC", "team": "Crew"}
401 403 403 404 403 403 204 403 403 403 404 204  DELETE use-cases/credit/raci/teams/$team_holder/
401 200 200 200 200 200 200 200 200 200 200 200  GET    teams/
401 403 403 403 403 403 403 403 403 403 403 201  POST   teams/ {"name": "Audit"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    teams/$team/
401 403 403 404 403 404 404 404 404 404 404 204  DELETE teams/$idle/
401 403 403 404 403 403 403 403 403 403 404 201  POST   teams/$team/members/ {"username": "cy"}
401 403 403 404 403 404 404 404 404 404 404 204  DELETE teams/$idle/members/ada/
401 200 200 200 200 200 200 200 200 200 200 200  GET    raci/schema/
401 200 200 200 200 200 200 200 200 200 200 200  GET    raci/templates/
401 200 200 404 200 200 200 200 200 200 404 200  GET    use-cases/credit/raci/acceptance/
401 403 201 404 409 409 409 409 409 409 404 409  POST   use-cases/credit/raci/acceptance/ {"digest": "$digest"}
401 403 201 404 403 404 404 404 404 404 404 201  POST   people/ada/deputies/ {"deputy": "cy"}
401 403 204 404 403 404 404 404 404 404 404 204  DELETE people/ada/deputies/$deputy/
401 403 201 404 403 404 404 404 404 404 404 201  POST   people/ada/absences/ {"until": "$until_moment"}
401 403 204 404 403 404 404 404 404 404 404 204  DELETE people/ada/absences/$absence/
401 403 403 404 403 404 404 404 404 404 404 201  POST   people/ada/hand-overs/ {"to": "cy", "reason": "She leaves."}
401 200 200 200 200 200 200 200 200 200 200 200  GET    models/
401 403 201 201 403 201 201 201 201 201 201 201  POST   models/ {"name": "another"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/
401 403 200 404 403 200 403 403 403 403 404 200  PATCH  models/credit-scoring/ {"description": "d"}
401 403 403 404 403 204 403 403 403 403 404 204  DELETE models/credit-scoring/
401 403 403 404 403 200 403 403 403 403 404 200  POST   models/credit-scoring/renames/ {"name": "scores"}
401 403 200 404 403 200 403 403 403 403 404 200  PUT    models/credit-scoring/tags/team/ {"value": "risk"}
401 403 204 404 403 204 403 403 403 403 404 204  DELETE models/credit-scoring/tags/team/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/moves/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/as-of/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/timeline/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/trail/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/1/lineage/
401 200 200 200 200 200 200 200 200 200 200 200  GET    versions/
401 403 200 404 403 200 403 403 403 403 404 200  POST   bulk/versions/ {"atomic": true, "versions": [{"model": "credit-scoring"}]}
401 403 200 404 403 200 403 403 403 403 404 200  POST   bulk/tags/ {"atomic": true, "tags": [{"model": "credit-scoring", "key": "a", "value": "b"}]}
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/aliases/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/aliases/candidate/
401 403 403 404 403 403 403 403 403 200 404 200  PUT    models/credit-scoring/aliases/champion/ {"version": 1}
401 403 403 404 403 403 403 403 403 204 404 204  DELETE models/credit-scoring/aliases/candidate/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/
401 403 201 404 403 201 403 403 403 403 404 201  POST   models/credit-scoring/versions/ {}
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/1/
401 403 200 404 403 200 403 403 403 403 404 200  PATCH  models/credit-scoring/versions/1/ {"description": "d"}
401 403 403 404 403 204 403 403 403 403 404 204  DELETE models/credit-scoring/versions/3/
401 403 403 404 403 403 403 403 403 200 404 200  POST   models/credit-scoring/versions/1/stages/ {"stage": "Staging"}
401 403 200 404 403 200 403 403 403 403 404 200  PUT    models/credit-scoring/versions/1/tags/team/ {"value": "risk"}
401 403 204 404 403 204 403 403 403 403 404 204  DELETE models/credit-scoring/versions/1/tags/team/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/1/gate/
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/1/card/
401 403 200 404 403 200 403 403 403 403 404 403  PATCH  models/credit-scoring/versions/1/card/ {"overview": "o"}
401 403 200 404 403 200 403 403 403 403 404 403  POST   models/credit-scoring/versions/$bare/card/confirmations/ {}
401 200 200 404 200 200 200 200 200 200 404 200  GET    models/credit-scoring/versions/1/evaluations/
401 403 403 404 403 202 403 403 403 403 404 403  POST   models/credit-scoring/versions/1/evaluations/ {"source": "$source", "dataset_name": "d", "columns": {"score": "score", "label": "bad"}}
401 403 403 404 403 201 403 403 403 403 404 403  POST   models/credit-scoring/versions/1/evaluations/reported/ {"dataset_name": "d", "measurements": [{"metric": "faithfulness", "value": 0.9, "n": 200}]}
401 200 200 200 200 200 200 200 200 200 200 200  GET    evaluations/
401 200 200 404 200 200 200 200 200 200 404 200  GET    evaluations/$evaluation/
401 200 200 404 200 200 200 200 200 200 404 200  GET    evaluations/$finished/comparison/?with=$other
401 200 200 200 200 200 200 200 200 200 200 200  GET    comparisons/
401 403 202 404 202 202 202 202 202 202 404 202  POST   comparisons/ {"evaluation": "$other", "other": "$finished"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    comparisons/$comparison/
401 200 200 200 200 200 200 200 200 200 200 200  GET    datasets/
401 403 202 422 403 202 403 403 403 403 422 403  POST   datasets/ {"name": "people", "version": "2", "use_case": "credit", "source": "$source"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    datasets/$data_set/
401 403 200 404 403 200 403 403 403 403 404 403  PATCH  datasets/$data_set/ {"licence": "CC0-1.0"}
401 200 200 200 200 200 200 200 200 200 200 200  GET    infra-checks/
401 403 403 404 403 202 403 403 403 403 404 403  POST   infra-checks/ {"model": "credit-scoring", "version": 1, "artifact": "$onnx"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    infra-checks/$infra/
401 200 200 200 200 200 200 200 200 200 200 200  GET    blessings/
401 200 200 404 200 200 200 200 200 200 404 200  GET    blessings/$blessing/
401 200 200 200 200 200 200 200 200 200 200 200  GET    exceptions/
401 403 403 404 403 201 403 403 403 403 404 403  POST   exceptions/ {"blessing": "$red", "position": 0, "reason": "Too few young ones.", "compensation": "A person reads each.", "until": "$until"}
401 200 200 404 200 200 200 200 200 200 404 200  GET    exceptions/$exception/
401 403 403 404 403 403 201 201 403 403 404 403  POST   exceptions/$exception/grants/ {"reason": "I answer for it.", "password": "$password"}
401 403 403 404 403 403 201 201 403 403 404 403  POST   exceptions/$exception/refusals/ {"reason": "The risk is too high.", "password": "$password"}
401 403 403 404 403 201 403 403 403 403 404 201  POST   exceptions/$exception/withdrawals/ {"reason": "It passes now."}
401 403 403 404 403 201 201 201 403 403 404 201  POST   exceptions/$granted/revocations/ {"reason": "The risk is too high."}
401 403 403 404 403 202 403 403 403 403 404 202  POST   blessings/ {"evaluation": "$finished"}
401 403 200 404 200 200 200 200 200 200 404 200  POST   blessings/$blessing/what-if/ {"rules": ["auc floor: auc at least 0.9"]}
401 200 200 200 200 200 200 200 200 200 200 200  GET    backtests/
401 403 202 422 202 202 202 202 202 202 422 202  POST   backtests/ {"text": "$text"}
401 200 200 404 200 404 404 404 404 404 404 200  GET    backtests/$back_test/
401 200 200 404 200 404 404 404 404 404 404 200  GET    backtests/$back_test/lines/
401 200 200 200 200 200 200 200 200 200 200 200  GET    approvals/
401 403 201 404 403 201 409 403 403 201 404 403  POST   approvals/ {"model": "credit-scoring", "version": 3}
401 200 200 404 200 200 200 200 200 200 404 200  GET    approvals/$approval/
401 403 403 404 403 403 403 201 403 403 404 403  POST   approvals/$approval/votes/ {"step": "validation", "decision": "approve", "reason": "It does the job.", "password": "$password"}
401 403 409 404 403 403 403 403 403 403 404 403  POST   approvals/$approval/rounds/ {"answer": "Nothing has to change."}
401 200 200 404 200 200 200 200 200 200 404 200  GET    approvals/$approval/comments/
401 403 201 404 201 201 201 201 201 201 404 201  POST   approvals/$approval/comments/ {"text": "Why now?"}
401 200 200 200 200 200 200 200 200 200 200 200  GET    conditions/
401 200 200 404 200 200 200 200 200 200 404 200  GET    conditions/$condition/
401 403 201 404 403 403 403 403 403 403 404 403  POST   conditions/$condition/reports/ {"report": "It is done now."}
401 403 403 404 403 403 403 201 403 403 404 403  POST   conditions/$reported/closures/
401 403 403 404 403 403 403 201 403 403 404 403  POST   conditions/$reported/reopenings/ {"reason": "It is not done."}
401 403 404 404 404 404 404 201 201 404 404 404  POST   approvals/$approval/advice/ {"advice": "Look at the young."}
401 403 201 404 403 403 403 403 403 403 404 201  POST   approvals/$approval/withdrawals/ {"reason": "A better one comes."}
401 200 200 200 200 200 200 200 200 200 200 200  GET    clearances/
401 200 200 404 200 200 200 200 200 200 404 200  GET    clearances/$clearance/
401 403 403 404 403 403 201 201 403 201 404 201  POST   clearances/$clearance/revocations/ {"reason": "The data were wrong."}
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/
401 403 403 403 403 403 403 403 403 403 201 201  POST   policies/ {"name": "loans", "text": "$text"}
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/credit/versions/1/
401 404 404 404 200 404 404 404 404 404 200 200  GET    policies/draft/versions/1/
401 403 404 404 403 404 404 404 404 404 200 200  PATCH  policies/draft/versions/1/ {"text": "$draft"}
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/schema/
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/starters/
401 200 200 200 200 200 200 200 200 200 200 200  POST   policies/check/ {"text": "$text"}
401 403 403 403 403 403 403 403 403 403 201 201  PUT    policies/loans/text/ {"text": "$text"}
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/credit/versions/1/text/
401 200 200 200 200 200 200 200 200 200 200 200  GET    policies/credit/versions/1/differences/
401 403 404 404 403 404 404 404 404 404 200 200  POST   policies/draft/versions/1/submissions/
401 403 404 404 403 404 404 404 404 404 200 200  POST   policies/draft/versions/1/discards/ {"reason": "Not needed."}
401 403 404 404 403 404 404 404 404 404 409 200  POST   policies/review/versions/1/publications/ {"reason": "I read it.", "password": "$password"}
401 403 404 404 403 404 404 404 404 404 200 200  POST   policies/review/versions/1/returns/ {"reason": "Too low."}
401 403 403 403 403 403 403 403 403 403 200 200  POST   policies/credit/versions/1/retirements/
401 200 200 200 200 200 200 200 200 200 200 200  GET    jobs/
401 200 200 404 200 200 200 200 200 200 404 200  GET    jobs/$job/
401 403 403 404 403 200 403 403 403 403 404 200  POST   jobs/$job/cancellations/
401 403 403 404 403 200 403 403 403 403 404 200  POST   jobs/$failed/retries/
401 200 200 200 200 200 200 200 200 200 200 200  GET    webhooks/
401 403 201 201 201 201 201 201 201 201 201 201  POST   webhooks/ {"name": "tickets", "url": "https://hooks.example.com/", "events": ["request.opened"]}
401 200 200 404 404 404 404 404 404 404 404 200  GET    webhooks/$webhook/
401 403 200 404 404 404 404 404 404 404 404 200  PATCH  webhooks/$webhook/ {"status": "DISABLED"}
401 403 204 404 404 404 404 404 404 404 404 204  DELETE webhooks/$webhook/
401 403 201 404 404 404 404 404 404 404 404 201  POST   webhooks/$webhook/secrets/
401 403 201 404 404 404 404 404 404 404 404 201  POST   webhooks/$webhook/tests/ {"event": "request.opened"}
401 200 200 404 404 404 404 404 404 404 404 200  GET    webhooks/$webhook/deliveries/
401 200 200 404 404 404 404 404 404 404 404 200  GET    webhooks/$webhook/deliveries/$delivery/
401 403 201 404 404 404 404 404 404 404 404 201  POST   webhooks/$webhook/deliveries/$delivery/sendings/
401 200 200 200 200 200 200 200 200 200 200 200  GET    audit/
401 200 200 404 200 404 404 404 404 404 404 200  GET    audit/$entry/
"""
ROW = re.compile(
    r"(?P<statuses>(?:\d{3} ){12}) *(?P<method>[A-Z]+) +(?P<path>\S+) *(?P<body>.*)"
)


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    body: str
    statuses: dict[str, int]

    def __str__(self):
        return f"{self.method} {self.path}"

    def knock(self, client, ids):
        address = V1 + Template(self.path).substitute(ids)
        body = {
            key: Template(value).substitute(ids) if isinstance(value, str) else value
            for key, value in json.loads(self.body or "{}").items()
        }
        return client.generic(
            self.method, address, json.dumps(body), content_type="application/json"
        )


def doors():
    for line in TABLE.strip().splitlines():
        row = ROW.fullmatch(line)
        statuses = dict(zip(ROLES, map(int, row["statuses"].split()), strict=True))
        yield Door(row["method"], row["path"], row["body"], statuses)


def caller(role):
    match role:
        case "nobody":
            return APIClient()
        case "reads":
            return bearing(person("ada"), "read")
        case _:
            return bearing(User.objects.get(username=role))


@pytest.mark.django_db
def test_each_person_gets_the_answers_of_the_table(subtests, tmp_path, settings):
    settings.EVALUATION_ROOTS = settings.INFRA_ROOTS = [str(tmp_path)]
    settings.CHAT_SCHEMES, settings.CHAT_HOSTS = ["slack"], ["hooks.slack.com"]
    texts = {"text": policy_text(name="loans"), "draft": policy_text(name="draft")}
    until = {"until": (timezone.localdate() + timedelta(days=30)).isoformat()}
    ids = world.build(tmp_path) | texts | until | {"password": PASSWORD}

    for role in ROLES:
        client = caller(role)
        for door in doors():
            with undone():
                status = door.knock(client, ids).status_code
            with subtests.test(f"{role}: {door}"):
                assert status == door.statuses[role]


def test_every_door_has_a_row():
    existing = {
        (method.upper(), pattern.name)
        for pattern in urlpatterns
        for method in pattern.callback.actions
        if method != "head"
    }

    listed = {(door.method, _name_of(door.path)) for door in doors()}

    assert listed == existing


def _name_of(path):
    """The name of an address; its placeholders stand for numbers or for uuids."""
    address = V1 + path.partition("?")[0]
    examples = ("1", "0b6f1c7e-8a51-4f0e-9d0c-2f5d3a1f0a11")
    matches = [resolve(re.sub(r"\$\w+", example, address)) for example in examples]
    return next(match.url_name for match in matches if match.url_name)

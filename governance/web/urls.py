"""The addresses of the screens, by object."""

from django.urls import path

from governance.web.views import (
    asking,
    audit,
    back_tests,
    cards,
    channels,
    comparing,
    connect,
    connections,
    datasets,
    exceptions,
    exports,
    frame,
    history,
    infra,
    jobs,
    lost_factors,
    mail,
    me,
    models,
    my_work,
    outbox,
    people,
    policies,
    portfolio,
    raci,
    raci_editor,
    raci_exchange,
    raci_versions,
    responsibility,
    review,
    teams,
    use_cases,
    versions,
    webhooks,
    what_if,
)

app_name = "web"

# /use-cases/
use_case_urls = [
    path("use-cases/", use_cases.use_cases, name="use_cases"),
    path("use-cases/open/", use_cases.open_use_case, name="use_case_open"),
    path("use-cases/<slug:slug>/", use_cases.use_case, name="use_case"),
    path("use-cases/<slug:slug>/tier/", asking.lower_tier, name="lower_tier"),
    path("use-cases/<slug:slug>/base-models/ask/", asking.base_model, name="base_model"),
]

# /models/
model_urls = [
    path("models/", models.models, name="models"),
    path("models.csv", exports.models, name="models_csv"),
    path("models/<str:name>/", models.model, name="model"),
    path("models/<str:name>/versions.csv", exports.versions, name="versions_csv"),
    path("models/<str:name>/trail.csv", exports.model_trail, name="model_trail_csv"),
    path("models/<str:name>/history/", history.model_history, name="model_history"),
    path("models/<str:name>/trail/", history.model_trail, name="model_trail"),
    path("models/<str:name>/compare/", comparing.compare, name="compare"),
    path("models/<str:name>/adopt/", models.adopt, name="model_adopt"),
]

# /models/<name>/versions/<number>/
version_urls = [
    path("models/<str:name>/versions/<int:number>/", versions.version, name="version"),
    path("models/<str:name>/versions/<int:number>/ask/", versions.ask, name="version_ask"),
    path(
        "models/<str:name>/versions/<int:number>/revalidation/",
        asking.revalidation,
        name="revalidation",
    ),
    path(
        "models/<str:name>/versions/<int:number>/retirement/",
        asking.retirement,
        name="retirement",
    ),
    path(
        "models/<str:name>/versions/<int:number>/promote/",
        versions.promote,
        name="version_promote",
    ),
    path(
        "models/<str:name>/versions/<int:number>/lineage/",
        history.version_lineage,
        name="version_lineage",
    ),
    path(
        "models/<str:name>/versions/<int:number>/trail/",
        history.version_trail,
        name="version_trail",
    ),
    path(
        "models/<str:name>/versions/<int:number>/trail.csv",
        exports.version_trail,
        name="version_trail_csv",
    ),
    path("evaluations/<uuid:pk>/", versions.evaluation, name="evaluation"),
    path("evaluations/<uuid:pk>/judge/", versions.judge, name="evaluation_judge"),
    path("evaluations/<uuid:pk>.csv", exports.measurements, name="evaluation_csv"),
    path("evaluations/<uuid:pk>.json", exports.measurements_json, name="evaluation_json"),
    path("comparisons/<uuid:pk>.csv", comparing.as_csv, name="comparison_csv"),
    path("comparisons/<uuid:pk>.json", comparing.as_json, name="comparison_json"),
    path("models/<str:name>/versions/<int:number>/infra/", infra.version, name="version_infra"),
    path(
        "models/<str:name>/versions/<int:number>/infra/request/",
        infra.request_check,
        name="version_infra_request",
    ),
    path("infra-checks/<uuid:pk>/", infra.check, name="infra_check"),
    # /datasets/
    path("datasets/", datasets.data_sets, name="data_sets"),
    path("datasets.csv", exports.data_sets, name="data_sets_csv"),
    path("datasets/new/", datasets.record, name="data_set_new"),
    path("datasets/<uuid:pk>/", datasets.data_set, name="data_set"),
    path("datasets/<uuid:pk>/describe/", datasets.describe, name="data_set_describe"),
]

# /models/<name>/versions/<number>/card/
card_urls = [
    path("models/<str:name>/versions/<int:number>/card/", cards.card, name="card"),
    path("models/<str:name>/versions/<int:number>/card/edit/", cards.edit, name="card_edit"),
    path(
        "models/<str:name>/versions/<int:number>/card.md", cards.markdown, name="card_markdown"
    ),
    path("models/<str:name>/versions/<int:number>/card.json", cards.as_json, name="card_json"),
]

# /approvals/
approval_urls = [
    path("approvals/", review.requests, name="requests"),
    path("approvals/<int:pk>/", review.review, name="review"),
    path("approvals/<int:pk>/votes/", review.vote, name="vote"),
    path("approvals/<int:pk>/passkey/", review.passkey, name="vote_passkey"),
    path("approvals/<int:pk>/rounds/", review.hand_in, name="hand_in"),
    path("approvals/<int:pk>/comments/", review.comment, name="comment"),
    path("approvals/<int:pk>/advice/", review.advise, name="advise"),
    path("approvals/<int:pk>/withdrawal/", review.withdraw, name="withdraw"),
    path("conditions/<int:pk>/report/", review.report, name="report_condition"),
    path("conditions/<int:pk>/closure/", review.close, name="close_condition"),
    path("conditions/<int:pk>/reopening/", review.reopen, name="reopen_condition"),
]

# /exceptions/
exception_urls = [
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions.csv", exports.exceptions, name="exceptions_csv"),
    path("exceptions/<int:pk>/", exceptions.exception, name="exception"),
    path("exceptions/<int:pk>/signatures/", exceptions.sign, name="exception_sign"),
    path("exceptions/<int:pk>/passkey/", exceptions.passkey, name="exception_passkey"),
    path("exceptions/<int:pk>/withdrawal/", exceptions.withdraw, name="exception_withdraw"),
    path("exceptions/<int:pk>/revocation/", exceptions.revoke, name="exception_revoke"),
    path(
        "blessings/<int:blessing>/rules/<int:position>/exception/",
        exceptions.ask,
        name="exception_ask",
    ),
]

# /policies/
policy_urls = [
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policies.draft, name="policy_new"),
    path("policies/new/check/", policies.check, name="policy_check"),
    path("policies/<slug:name>/", policies.policy, name="policy"),
    path("policies/<slug:name>/draft/", policies.draft, name="policy_draft"),
    path("policies/<slug:name>/<int:number>/", policies.policy, name="policy_version"),
    path("policies/<slug:name>/<int:number>/submit/", policies.submit, name="policy_submit"),
    path(
        "policies/<slug:name>/<int:number>/send-back/",
        policies.send_back,
        name="policy_send_back",
    ),
    path("policies/<slug:name>/<int:number>/publish/", policies.publish, name="policy_publish"),
    path("policies/<slug:name>/<int:number>/passkey/", policies.passkey, name="policy_passkey"),
    path("policies/<slug:name>/<int:number>/discard/", policies.discard, name="policy_discard"),
    path("policies/<slug:name>/<int:number>/retire/", policies.retire, name="policy_retire"),
]

# /backtests/
back_test_urls = [
    path("backtests/", back_tests.back_tests, name="back_tests"),
    path("backtests/new/", back_tests.ask, name="back_test_new"),
    path("backtests/<uuid:pk>/", back_tests.back_test, name="back_test"),
    path("backtests/<uuid:pk>.csv", back_tests.as_csv, name="back_test_csv"),
    path("what-if/", what_if.choose, name="what_if_choose"),
    path("models/<str:name>/versions/<int:number>/what-if/", what_if.version, name="what_if"),
]

# /raci/
raci_urls = [
    path("raci/", raci.matrices, name="raci_list"),
    path("raci/<slug:slug>/", raci.matrix, name="raci"),
    path("raci/<slug:slug>.csv", raci_exchange.as_csv, name="raci_csv"),
    path("raci/<slug:slug>.xlsx", raci_exchange.as_xlsx, name="raci_xlsx"),
    path("raci/<slug:slug>/import/", raci_exchange.take_in, name="raci_import"),
    path("raci/<slug:slug>/holders/", raci.assign, name="holders"),
    path("raci/<slug:slug>/holders/<int:pk>/end/", raci.unassign, name="holder_end"),
    path("raci/<slug:slug>/teams/<int:pk>/end/", raci.unassign_team, name="team_holder_end"),
    path("raci/<slug:slug>/acceptance/", people.accept, name="acceptance"),
    path("raci/<slug:slug>/edit/", raci_editor.edit, name="raci_edit"),
    path("raci/<slug:slug>/edit/check/", raci_editor.check, name="raci_check"),
    path("raci/<slug:slug>/versions/", raci_versions.matrix_versions, name="raci_versions"),
    path(
        "raci/<slug:slug>/versions/<int:number>/",
        raci_versions.matrix_version,
        name="raci_version",
    ),
    path(
        "raci/<slug:slug>/versions/<int:number>/restore/",
        raci_versions.restore,
        name="raci_restore",
    ),
    path(
        "raci/<slug:slug>/versions/<int:number>/default/",
        raci_versions.begin_with,
        name="raci_default",
    ),
    path("raci-default/end/", raci_versions.begin_as_set, name="raci_default_end"),
]

# /teams/
team_urls = [
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/members/", teams.add, name="members"),
    path(
        "teams/<int:pk>/members/<str:username>/end/",
        teams.remove,
        name="member_end",
    ),
    path("teams/<int:pk>/delete/", teams.delete, name="team_delete"),
]

# /people/ and /responsibility/
PERSON = "people/<str:username>/"
people_urls = [
    path("me/answers/", people.mine, name="answers"),
    path(PERSON, people.person, name="person"),
    path(f"{PERSON}deputies/", people.name_deputy, name="deputies"),
    path(f"{PERSON}deputies/<int:pk>/end/", people.end_deputy, name="deputy_end"),
    path(f"{PERSON}absences/", people.enter_absence, name="absences"),
    path(f"{PERSON}absences/<int:pk>/end/", people.end_absence, name="absence_end"),
    path(f"{PERSON}hand-over/", people.hand_over, name="hand_over"),
    path(f"{PERSON}factors/", lost_factors.page, name="lost_factors"),
    path("responsibility/", responsibility.report, name="responsibility"),
    path("responsibility.csv", responsibility.as_csv, name="responsibility_csv"),
]

# /jobs/
job_urls = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/retry/", jobs.retry, name="job_retry"),
]

# /connections/
connection_urls = [
    path("connections/", connections.connections, name="connections"),
    path("connections/new/", connections.make, name="connection_new"),
    path("connections/<uuid:pk>/test/", connections.test, name="connection_test"),
    path("connections/<uuid:pk>/import/", connections.start, name="connection_start"),
    path("connections/<uuid:pk>/switch/", connections.switch, name="connection_switch"),
]

# /webhooks/
webhook_urls = [
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/new/", webhooks.make, name="webhook_new"),
    path("webhooks/new/governance/", webhooks.make_governance, name="webhook_new_governance"),
    path("webhooks/<uuid:pk>/secret/", webhooks.rotate, name="webhook_secret"),
    path("webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/edit/", webhooks.edit, name="webhook_edit"),
    path("webhooks/<uuid:pk>/switch/", webhooks.switch, name="webhook_switch"),
    path("webhooks/<uuid:pk>/test/", webhooks.test, name="webhook_test"),
    path("webhooks/<uuid:pk>/delete/", webhooks.delete, name="webhook_delete"),
    path(
        "webhooks/<uuid:pk>/deliveries/<uuid:delivery>/again/",
        webhooks.again,
        name="webhook_again",
    ),
]

# /me/
me_urls = [
    path("me/", me.me, name="me"),
    path("me/mail/", me.mail_preferences, name="mail_preferences"),
    path("me/tokens/", me.token_create, name="token_create"),
    path("me/tokens/<str:token_key>/revoke/", me.token_revoke, name="token_revoke"),
]

# /channels/
channel_urls = [
    path("channels/", channels.channels, name="channels"),
    path("channels/<int:pk>/remove/", channels.remove, name="channel_remove"),
    path("channels/messages/<int:pk>/again/", channels.send_again, name="chat_again"),
]

# /links/, /mail/ and /outbox/
mail_urls = [
    path("links/<str:token>/", mail.follow, name="mail_link"),
    path("mail/", mail.troubled, name="mail_trouble"),
    path("mail/<int:pk>/again/", mail.send_again, name="mail_again"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:key>/", outbox.mail, name="mail"),
    path("outbox/<str:key>/letter/", outbox.letter, name="mail_letter"),
]

urlpatterns = [
    path("", my_work.my_work, name="my_work"),
    path("told/", my_work.take_note, name="take_note"),
    path("waiting/", frame.waiting, name="waiting"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    *use_case_urls,
    *model_urls,
    *version_urls,
    *card_urls,
    *approval_urls,
    *exception_urls,
    *policy_urls,
    *back_test_urls,
    *raci_urls,
    *team_urls,
    *people_urls,
    *job_urls,
    *connection_urls,
    *webhook_urls,
    *channel_urls,
    path("audit/", audit.trail, name="audit"),
    path("audit.csv", exports.audit, name="audit_csv"),
    *me_urls,
    *mail_urls,
    path("connect/", connect.connect, name="connect"),
]

"""Fills a fresh embedded database with copies of one measured and judged version, and back-tests over them."""

import json
import os
import resource
import sys
import tempfile
import time

from governance.runtime import database

EVALUATIONS_OF_EACH = 4
RULES = (
    "auc floor: auc at least 0.60",
    "better than chance: pr_auc at least 0.20",
    "no regression: auc at least baseline minus 0.02",
    "surely no worse: auc at least baseline minus 0.05 sure else warn",
    "weak groups: auc at least 0.55 for each age needs 50 rows and 20 positives",
    "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else warn",
    "gap: gap(recall, age) at most 0.20 needs 50 rows else note",
    "fresh: age_days at most 365 else warn",
)


def main(evaluations: int) -> None:
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "DEBUG": "true",
            "IMPRIMATUR_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "governance.settings",
            "LOG_LEVEL": "ERROR",
        }
        with database.available():
            import django

            django.setup()
            print(json.dumps(_figures(evaluations)))


def _figures(evaluations: int) -> dict:
    from django.conf import settings
    from django.core.management import call_command

    from governance.evaluation.models import Measurement
    from tests.blessing.factories import blessed, governed_model, policy, version_of

    settings.DEBUG = False  # no list of all queries
    call_command("migrate", verbosity=0)
    policy(*RULES)
    fewer = max(1, evaluations // 10)
    for name, number in (("few", fewer), ("many", evaluations)):
        model = governed_model(name)
        blessed(version_of(model), period_start="2026-01-01", period_end="2026-01-31")
        _copy(
            blessed(version_of(model), period_start="2026-01-01", period_end="2026-01-31"),
            number,
        )
    _run("few")
    before = _peak_megabytes()
    seconds, cpu_seconds = _run("many")
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "more_megabytes": _peak_megabytes() - before,
        "fewer": fewer,
        "measurements": Measurement.objects.filter(
            evaluation__version__model__name="many"
        ).count(),
    }


def _run(model: str) -> tuple[float, float]:
    """Seconds on the clock and of the processor for the whole job, writing included."""
    from governance.backtests.models import BackTestLine
    from governance.backtests.selection import Selection
    from governance.backtests.services import request_back_test
    from governance.jobs import runner
    from governance.policies.models import PolicyVersion
    from tests.blessing.factories import person

    made = request_back_test(
        actor=person("mle"),
        policy_version=PolicyVersion.objects.get(),
        selection=Selection(models=(model,)),
    )
    began, cpu = time.monotonic(), time.process_time()
    runner.run(str(made.job_id))
    spent = time.monotonic() - began, time.process_time() - cpu
    made.refresh_from_db()
    assert made.job.state == "succeeded", made.job.reason
    assert BackTestLine.objects.filter(back_test=made).count() == made.counts["evaluations"]
    return spent


def _copy(blessing, number: int) -> None:
    """As many evaluations more, each with its figures and its verdict, a few of them for each version.

    The areas under the curves are spread, so that verdicts differ.
    """
    from django.db import connection

    source = {
        "model": blessing.version.model_id,
        "version": blessing.version_id,
        "evaluation": blessing.evaluation_id,
        "blessing": blessing.pk,
        "number": number,
        "each": EVALUATIONS_OF_EACH,
    }
    with connection.cursor() as cursor:
        for statement in COPY:
            cursor.execute(statement, source)


COPY = (
    "CREATE TEMPORARY TABLE made ON COMMIT PRESERVE ROWS AS SELECT n, gen_random_uuid() AS evaluation, "
    "3 + (n - 1) / %(each)s AS version FROM generate_series(1, %(number)s) n",
    "INSERT INTO registry_modelversion SELECT x.* FROM (SELECT DISTINCT version FROM made) m, "
    "registry_modelversion v, LATERAL jsonb_populate_record(v, jsonb_build_object('id', "
    "nextval(pg_get_serial_sequence('registry_modelversion', 'id')), 'number', m.version)) x "
    "WHERE v.id = %(version)s",
    "INSERT INTO evaluation_evaluation SELECT x.* FROM made m JOIN registry_modelversion v "
    "ON v.model_id = %(model)s AND v.number = m.version, evaluation_evaluation e, LATERAL "
    "jsonb_populate_record(e, jsonb_build_object('id', m.evaluation, 'version_id', v.id)) x "
    "WHERE e.id = %(evaluation)s",
    "INSERT INTO evaluation_measurement (evaluation_id, metric, slice_field, slice_value, value, low, "
    "high, method, n, positives, threshold, unit, direction) SELECT m.evaluation, metric, "
    "slice_field, slice_value, CASE metric WHEN 'auc' THEN value - (m.n %% 20) / 100.0 ELSE value END, "
    "low, high, method, r.n, positives, threshold, unit, direction FROM made m, "
    "evaluation_measurement r WHERE r.evaluation_id = %(evaluation)s",
    "INSERT INTO blessing_blessing SELECT x.* FROM made m JOIN evaluation_evaluation e "
    "ON e.id = m.evaluation, blessing_blessing b, LATERAL jsonb_populate_record(b, "
    "jsonb_build_object('id', nextval(pg_get_serial_sequence('blessing_blessing', 'id')), "
    "'evaluation_id', e.id, 'version_id', e.version_id)) x WHERE b.id = %(blessing)s",
    "DROP TABLE made",
    "ANALYZE",
)


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))

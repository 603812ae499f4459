"""The job of a back-test: work judges and writes nothing, store writes every line at once."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.backtests.lines import CHUNK, Judging
from governance.backtests.models import BackTest, BackTestLine
from governance.backtests.selection import Selection, selected
from governance.backtests.services import KIND
from governance.backtests.tally import Tally, headline, rank
from governance.blessing.frozen import CODE_VERSION
from governance.jobs import handlers
from governance.policies.document import read

if TYPE_CHECKING:
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job

# Beyond this lines wait on disk, so that memory stays the same for any number of them.
IN_MEMORY = 8 * 1024 * 1024
STORED_AT_ONCE = 500


class Judged(NamedTuple):
    """Lines as JSON, one a row of the file, with what they add up to."""

    lines: IO[str]
    counts: dict[str, int]
    notes: list[str]


def connect() -> None:
    handlers.register(KIND, title="Back-test", work=work, store=store)


def work(job: "Job", progress: "Progress") -> Judged:
    back_test = BackTest.objects.select_related("created_by").get(pk=job.arguments["back_test"])
    asked = Selection.from_json(back_test.selection)
    found = selected(asked, back_test.created_by, before=back_test.created_at)
    keys = list(found.values_list("pk", flat=True))
    judging, tally = Judging(read(back_test.text), back_test.label), Tally()
    with ExitStack() as stack:
        lines = stack.enter_context(
            SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8")
        )
        _judge(keys, judging, tally, lines, progress)
        stack.pop_all()  # store closes it
    progress(len(keys), len(keys), "Writing it down")
    return Judged(lines, tally.counts(), _notes(judging))


def _judge(
    keys: Sequence[UUID], judging: Judging, tally: Tally, lines: IO[str], progress: "Progress"
) -> None:
    for start in range(0, len(keys), CHUNK):
        progress(start, len(keys), f"Judging again: {start:,} of {len(keys):,} evaluations")
        for line in judging.lines(keys[start : start + CHUNK]):
            tally.add(line)
            lines.write(json.dumps(line | {"rank": rank(line)}))
            lines.write("\n")


def store(job: "Job", judged: Judged) -> dict:
    """Runs in the transaction that ends the job, so a doubled worker never writes twice."""
    back_test = BackTest.objects.select_for_update(of=["self"]).get(
        pk=job.arguments["back_test"]
    )
    with judged.lines:
        lines = _read(judged.lines, back_test)
        while some := list(islice(lines, STORED_AT_ONCE)):
            BackTestLine.objects.bulk_create(some)
    back_test.counts, back_test.notes = judged.counts, judged.notes
    back_test.code_version, back_test.finished_at = CODE_VERSION, timezone.now()
    back_test.save(update_fields=["counts", "notes", "code_version", "finished_at"])
    sentence = headline(back_test.counts)
    audit.record(
        Event.BACK_TEST_FINISHED,
        back_test,
        actor=None,
        sentence=f"{back_test.label}: {sentence}",
        counts=back_test.counts,
    )
    return {"back_test": str(back_test.pk), "sentence": sentence, **back_test.counts}


def _read(lines: IO[str], back_test: BackTest) -> Iterator[BackTestLine]:
    lines.seek(0)
    for line in lines:
        yield BackTestLine(back_test=back_test, **json.loads(line))


def _notes(judging: Judging) -> list[str]:
    """What the reader of the counts should know besides."""
    notes = []
    if count := judging.not_applying:
        said = "1 version belongs" if count == 1 else f"{count:,} versions belong"
        notes.append(f"{said} to models to which this text would not apply.")
    if count := judging.other_baselines:
        said = "1 verdict" if count == 1 else f"{count:,} verdicts"
        notes.append(
            f"{said} of then came from a policy with another baseline than this text asks for; "
            "the baseline of then was used."
        )
    return notes

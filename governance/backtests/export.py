"""The columns in which the lines of a back-test are taken away as a file."""

from governance.csv import Columns

LINES: Columns = [
    ("Model", lambda line: line.version.model.name),
    ("Version", lambda line: line.version.number),
    ("Data set", lambda line: line.evaluation.dataset),
    ("Evaluated", lambda line: line.evaluation.finished_at),
    ("Policy then", lambda line: line.blessing.policy_version.label if line.blessing else ""),
    ("Verdict then", lambda line: line.get_verdict_then_display()),
    ("Verdict now", lambda line: line.get_verdict_now_display()),
    ("What changes", lambda line: line.get_direction_display()),
    ("Newest of its version", lambda line: "yes" if line.decides else "no"),
    ("Serving", lambda line: "yes" if line.is_serving else "no"),
    ("Clearance ended early", lambda line: line.breach_reason),
    ("Rules in the way", lambda line: " ".join(one["sentence"] for one in line.deciding)),
    ("Why", lambda line: line.sentence),
    ("Evaluation", lambda line: str(line.evaluation_id)),
]

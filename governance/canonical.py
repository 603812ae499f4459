"""One way to write plain values down, so that a digest of them means the same today and in ten years."""

import hashlib
import json


def canonical(values: dict) -> bytes:
    """The one text of the values: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest(values: dict) -> str:
    """Names the values by their content, as “sha256:…”."""
    return f"sha256:{hashlib.sha256(canonical(values)).hexdigest()}"

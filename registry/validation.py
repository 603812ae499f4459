"""What may be written into the registry: pure functions that return the clean value or raise Invalid."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from registry.errors import Invalid
from registry.models import Stage

LONGEST_NAME = 256
LONGEST_ALIAS = 255
LONGEST_DESCRIPTION = 5000
LONGEST_KEY = 250
LONGEST_VALUE = 100_000
LONGEST_SOURCE = 2000
LARGEST_PARAMETERS = 100_000
RESERVED_TAGS = "imprimatur."
PROMPT_SOURCES = {"dummy-source", "prompt-template"}

ALIAS = re.compile(r"[\w-]+")
VERSION_LIKE = re.compile(r"v\d+", re.IGNORECASE)
TAG_KEY = re.compile(r"[\w./: -]+")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")

# Places that name their own host or store. Local paths and hosts that could be asked on
# somebody's behalf (ftp, sftp, hdfs, plain http) are not among them.
SOURCE_SCHEMES = {
    "abfs", "abfss", "az", "b2", "dbfs", "gs", "hf", "https", "mlflow-artifacts", "models",
    "oci", "r2", "runs", "s3", "wasb", "wasbs",
}  # fmt: skip
CONTAINER_AT_ACCOUNT = {"abfs", "abfss", "wasb", "wasbs"}
WITHOUT_HOST = {"models", "runs"}
HOST_OPTIONAL = {"dbfs", "mlflow-artifacts"}


def model_name(name: str) -> str:
    """A name that is one segment of a path and reads the same everywhere."""
    _refuse_control(name, "name")
    if not name.strip():
        raise Invalid("A model needs a name.", field="name")
    if name != name.strip():
        raise Invalid("A model's name may not begin or end with a space.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A model's name has at most {LONGEST_NAME} characters.", field="name")
    if any(sign in name for sign in "/:\\") or name in {".", ".."}:
        raise Invalid(
            "A model's name may not contain “/”, “:” or “\\”, nor be a path such as “..”.",
            field="name",
        )
    return name


def alias_name(name: str) -> str:
    """A pointer's name; “latest” and “v3” are taken by meanings of their own."""
    if not ALIAS.fullmatch(name):
        raise Invalid("An alias consists of letters, digits, “_” and “-” only.", field="alias")
    if len(name) > LONGEST_ALIAS:
        raise Invalid(f"An alias has at most {LONGEST_ALIAS} characters.", field="alias")
    if name.lower() == "latest" or VERSION_LIKE.fullmatch(name):
        raise Invalid(
            f"“{name}” cannot be an alias: it already means a version by its number.",
            field="alias",
        )
    return name


def stage(given: str) -> Stage:
    """One of the four stages, whatever the case of its letters."""
    for one in Stage:
        if one.value.lower() == given.strip().lower():
            return one
    raise Invalid(f"A stage is one of {', '.join(Stage.values)}.", field="stage")


def text(value: str, field: str, *, longest: int = LONGEST_DESCRIPTION) -> str:
    """Text of any language without NUL, up to a length."""
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Invalid("Text may not contain NUL or broken characters.", field=field)
    if len(value) > longest:
        words = field.replace("_", " ")
        raise Invalid(f"The {words} has at most {longest:,} characters.", field=field)
    return value


def word(value: str, field: str, *, longest: int) -> str:
    """One line of text without control characters."""
    _refuse_control(value, field)
    return text(value, field, longest=longest)


def tags(given: Mapping[str, Any] | None) -> dict[str, str]:
    return dict(tag(key, value) for key, value in (given or {}).items())


def tag(key: str, value: Any) -> tuple[str, str]:
    """A tag anybody may write; the server's own prefix is refused."""
    key, value = tag_key(key), str(value)
    return key, text(value, "value", longest=LONGEST_VALUE)


def tag_key(key: str) -> str:
    if not TAG_KEY.fullmatch(key) or not key.strip():
        raise Invalid(
            "A tag's key consists of letters, digits, spaces and “_ - . : /” only.", field="key"
        )
    if len(key) > LONGEST_KEY:
        raise Invalid(f"A tag's key has at most {LONGEST_KEY} characters.", field="key")
    if key.strip().casefold().startswith(RESERVED_TAGS):
        raise Invalid(
            f"Tags under “{RESERVED_TAGS}” are written by this server only.", field="key"
        )
    return key


def digest(value: str, field: str = "digest") -> str:
    """Nothing, or sha256 with 64 hexadecimal digits, in lower case."""
    value = value.strip().lower()
    if value and not DIGEST.fullmatch(value):
        raise Invalid("A digest is “sha256:” followed by 64 hexadecimal digits.", field=field)
    return value


def parameters(given: Mapping[str, Any] | None, field: str = "parameters") -> dict[str, Any]:
    """Names and values that JSON can carry."""
    try:
        written = json.dumps(dict(given or {}), allow_nan=False, ensure_ascii=False)
        written.encode()
    except (TypeError, ValueError):
        raise Invalid(
            f"{field.capitalize()} are names with values that JSON can carry (no NaN).",
            field=field,
        ) from None
    if len(written) > LARGEST_PARAMETERS or "\\u0000" in written:
        raise Invalid(
            f"{field.capitalize()} have at most {LARGEST_PARAMETERS:,} characters and no NUL.",
            field=field,
        )
    return json.loads(written)


def run_link(value: str) -> str:
    """Nothing, or a web address a reader may safely follow."""
    word(value, "run_link", longest=500)
    if not value:
        return value
    parts = _split(value, "run_link")
    is_web = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not is_web or any(sign.isspace() for sign in value):
        raise Invalid(
            "The link to the run is an http or https address without user name.",
            field="run_link",
        )
    return value


def source(value: str) -> str:
    """Nothing, or the address of the artifact in a store; never a path of this machine."""
    word(value, "source", longest=LONGEST_SOURCE)
    return _address(value, "source", _allowed_schemes()) if value else value


def location(value: str) -> str:
    """Where a source led: an address that clients load from, also on a server by plain http."""
    word(value, "location", longest=LONGEST_SOURCE)
    return _address(value, "location", SOURCE_SCHEMES | {"http"})


def prompt_source(value: str) -> str:
    """The placeholder of a prompt, whose text is a tag."""
    if value not in PROMPT_SOURCES:
        raise Invalid(
            f"The source of a prompt is one of {', '.join(sorted(PROMPT_SOURCES))}.",
            field="source",
        )
    return value


def _allowed_schemes() -> set[str]:
    """What the deployment allows, never more than is safe."""
    wanted = set(getattr(settings, "REGISTRY_SOURCE_SCHEMES", ()))
    return SOURCE_SCHEMES & wanted if wanted else SOURCE_SCHEMES


def _address(value: str, field: str, schemes: set[str]) -> str:
    found = SCHEME.match(value)
    scheme = found[1].lower() if found else ""
    if scheme not in schemes:
        raise Invalid(
            f"The {field} is the address of an artifact in a store, such as s3://… or models:/…; "
            "local paths and other schemes are refused.",
            field=field,
        )
    for form in {value, _unquoted(value)}:
        _refuse_tricks(form, scheme)
    if field == "source":
        _refuse_host(value, scheme)
    return value


def _refuse_host(value: str, scheme: str) -> None:
    """Keeps to the hosts and buckets of the deployment, if it names any."""
    hosts = set(getattr(settings, "REGISTRY_SOURCE_HOSTS", ()))
    netloc = _split(value, "source").netloc.lower()
    names = {netloc, netloc.rpartition("@")[2], netloc.rpartition("@")[2].partition(":")[0]}
    if hosts and netloc and scheme not in WITHOUT_HOST and not names & hosts:
        raise Invalid(
            f"Artifacts in {netloc} are not accepted here; this server knows {', '.join(sorted(hosts))}.",
            field="source",
        )


def _refuse_tricks(value: str, scheme: str) -> None:
    """Refuses what another reader could take for a different place."""
    _refuse_control(value, "source")
    parts = _split(value, "source")
    if any(sign in value for sign in "?#\\"):
        raise Invalid("The source has no query, no fragment and no backslash.", field="source")
    _refuse_userinfo(parts.netloc, scheme)
    if scheme in WITHOUT_HOST and parts.netloc:
        raise Invalid(f"A {scheme}:/ source names no host.", field="source")
    if scheme not in WITHOUT_HOST | HOST_OPTIONAL and not parts.netloc:
        raise Invalid(f"A {scheme}:// source names its bucket or host.", field="source")
    if not parts.path.strip("/") and not parts.netloc:
        raise Invalid("The source names no artifact.", field="source")
    segments = parts.path.removeprefix("/").removesuffix("/").split("/")
    if any(segment in {".", ".."} for segment in segments) or (
        len(segments) > 1 and "" in segments
    ):
        raise Invalid("The path of the source has no empty, “.” or “..” parts.", field="source")


def _refuse_userinfo(netloc: str, scheme: str) -> None:
    user, at, _host = netloc.rpartition("@")
    if at and (scheme not in CONTAINER_AT_ACCOUNT or ":" in user or "@" in user):
        raise Invalid("The source carries no user name or password.", field="source")


def _unquoted(value: str) -> str:
    """Undoes %-quoting until nothing changes, so that nothing hides below a second layer."""
    for _ in range(10):
        plain = unquote(value)
        if plain == value:
            return value
        value = plain
    raise Invalid("The source is quoted too many times.", field="source")


def _split(value: str, field: str) -> Any:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - an impossible port raises here
        return parts
    except ValueError:
        raise Invalid("This is not an address.", field=field) from None


def _refuse_control(value: str, field: str) -> None:
    """Refuses control characters, line ends and marks that turn the reading direction."""
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in value):
        raise Invalid("Invisible control characters are not allowed here.", field=field)

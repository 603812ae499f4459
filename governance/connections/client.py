"""Reads another MLflow server over its REST API; what it answers is checked and bounded, never believed."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from governance import outbound
from governance.connections.models import Connection
from governance.errors import Conflict, NotFound

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
MOST_BYTES = 16 * 1024 * 1024
MOST_PAGES = 10_000
PAGE = 200
DEEPEST = 12
DOWNLOAD_SECONDS = 600


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Pair(Answer):
    key: str = Field(max_length=500)
    value: str = Field(default="", max_length=200_000)


class Metric(Answer):
    key: str = Field(max_length=500)
    value: float


class DataSet(Answer):
    name: str = Field(default="", max_length=1000)
    digest: str = Field(default="", max_length=200)
    source_type: str = Field(default="", max_length=100)


class DataSetInput(Answer):
    dataset: DataSet = DataSet()


class RunInputs(Answer):
    dataset_inputs: list[DataSetInput] = Field(default=[], max_length=1000)


class ModelOutput(Answer):
    model_id: str = Field(max_length=250)


class RunOutputs(Answer):
    model_outputs: list[ModelOutput] = Field(default=[], max_length=1000)


class RunData(Answer):
    params: list[Pair] = Field(default=[], max_length=10_000)
    metrics: list[Metric] = Field(default=[], max_length=10_000)
    tags: list[Pair] = Field(default=[], max_length=10_000)


class RunInfo(Answer):
    run_id: str = Field(max_length=250)
    experiment_id: str = Field(default="", max_length=250)
    artifact_uri: str = Field(default="", max_length=2000)


class Run(Answer):
    info: RunInfo
    data: RunData = RunData()
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()


class LoggedModelInfo(Answer):
    model_id: str = Field(max_length=250)
    name: str = Field(default="", max_length=500)
    experiment_id: str = Field(default="", max_length=250)
    artifact_uri: str = Field(max_length=2000)
    source_run_id: str = Field(default="", max_length=250)


class LoggedModelData(Answer):
    params: list[Pair] = Field(default=[], max_length=10_000)
    metrics: list[Metric] = Field(default=[], max_length=10_000)


class LoggedModel(Answer):
    info: LoggedModelInfo
    data: LoggedModelData = LoggedModelData()


class File(Answer):
    path: str = Field(max_length=1000)
    is_dir: bool = False
    file_size: int = Field(default=0, ge=0)


class Pointer(Answer):
    alias: str = Field(max_length=255)
    version: str = Field(max_length=20)


class Model(Answer):
    name: str = Field(max_length=256)
    description: str = ""
    user_id: str = Field(default="", max_length=250)
    creation_timestamp: int = Field(default=0, ge=0, lt=2**45)
    tags: list[Pair] = Field(default=[], max_length=10_000)
    aliases: list[Pointer] = Field(default=[], max_length=10_000)


class Version(Answer):
    name: str = Field(max_length=256)
    version: int = Field(gt=0, lt=2**31)
    description: str = ""
    user_id: str = Field(default="", max_length=250)
    creation_timestamp: int = Field(default=0, ge=0, lt=2**45)
    current_stage: str = Field(default="None", max_length=20)
    source: str = Field(default="", max_length=5000)
    run_id: str = Field(default="", max_length=250)
    run_link: str = Field(default="", max_length=2000)
    tags: list[Pair] = Field(default=[], max_length=10_000)


class _Run(Answer):
    run: Run


class _LoggedModel(Answer):
    model: LoggedModel


class _Files(Answer):
    files: list[File] = Field(default=[], max_length=100_000)


class _Models(Answer):
    registered_models: list[Model] = []
    next_page_token: str = ""


class _Model(Answer):
    registered_model: Model


class _Versions(Answer):
    model_versions: list[Version] = []
    next_page_token: str = ""


class _Nothing(Answer):
    pass


Shape = TypeVar("Shape", bound=Answer)


class TooMuch(Exception):
    """A file has more bytes than may still be read."""


class Reader:
    """One other server, asked with the credentials of its connection; belongs in a job."""

    def __init__(self, connection: Connection) -> None:
        self.base = connection.url.rstrip("/")
        self._headers = {"User-Agent": "imprimatur", **_credentials(connection)}

    def run(self, run_id: str) -> Run:
        return self._get("runs/get", _Run, run_id=run_id).run

    def logged_model(self, model_id: str) -> LoggedModel:
        return self._get(f"logged-models/{quote(model_id, safe='')}", _LoggedModel).model

    def model(self, name: str) -> Model:
        return self._get("registered-models/get", _Model, name=name).registered_model

    def models(self) -> Iterator[Model]:
        """Every registered model, prompts among them, page by page."""
        yield from self._pages("registered-models/search", _Models, "registered_models")
        only_prompts = "tags.`mlflow.prompt.is_prompt` = 'true'"
        yield from self._pages(
            "registered-models/search", _Models, "registered_models", filter=only_prompts
        )

    def versions(self, name: str) -> list[Version]:
        """Every version of the model, the oldest first."""
        sign = '"' if "'" in name else "'"
        filters = [f"name = {sign}{name}{sign}"]
        filters.append(f"{filters[0]} AND tags.`mlflow.prompt.is_prompt` = 'true'")
        found = {
            one.version: one
            for wanted in filters
            for one in self._pages(
                "model-versions/search", _Versions, "model_versions", filter=wanted
            )
            if one.name == name
        }
        return [found[number] for number in sorted(found)]

    def set_alias(self, name: str, alias: str, number: int) -> None:
        body = {"name": name, "alias": alias, "version": str(number)}
        self._ask("POST", f"{API}/registered-models/alias", _Nothing, json=body)

    def verify(self) -> None:
        """Asks for something small that needs the credentials; raises the sentence that helps."""
        self._get("registered-models/search", _Models, max_results=1)

    def address_of(self, place: str) -> str:
        """The absolute address of files this server proxies, so that clients load without settings."""
        parts = urlsplit(place)
        if parts.scheme == "mlflow-artifacts" and not parts.netloc:
            return f"{self.base}{ARTIFACTS}/{parts.path.strip('/')}"
        if parts.scheme == "mlflow-artifacts":
            own = urlsplit(self.base)
            if parts.netloc == own.netloc:
                return f"{self.base}{ARTIFACTS}/{parts.path.strip('/')}"
        return place

    def serves(self, location: str) -> bool:
        return location.startswith(f"{self.base}{ARTIFACTS}/")

    def files(
        self, location: str, *, into: Path | None = None, most: int = 0
    ) -> list[dict[str, Any]]:
        """Every file under a location this server proxies, with its size in bytes and sha256.

        They are written below `into` if that is given; `most` bytes are read, or what is set.
        """
        root = location.removeprefix(f"{self.base}{ARTIFACTS}/")
        found: list[dict[str, Any]] = []
        limit = bytes_left = most or settings.CONNECTIONS_MAX_BYTES
        for path in self._walk(root, "", 0):
            if len(found) >= settings.CONNECTIONS_MAX_FILES:
                raise Conflict(
                    f"The artifact has more than {settings.CONNECTIONS_MAX_FILES:,} files."
                )
            target = into / path if into else None
            try:
                size, digest = self._digest(f"{root}/{path}", bytes_left, target)
            except TooMuch:
                raise Conflict(f"The artifact is larger than {limit:,} bytes.") from None
            bytes_left -= size
            found.append({"path": path, "size": size, "sha256": digest})
        if not found:
            raise NotFound(f"There are no files at {location}.")
        return found

    def _walk(self, root: str, below: str, depth: int) -> Iterator[str]:
        if depth > DEEPEST:
            raise Conflict(f"The artifact's folders are more than {DEEPEST} deep.")
        path = f"{root}/{below}".rstrip("/")
        query = urlencode({"path": path})
        listed = self._ask("GET", f"{ARTIFACTS}?{query}", _Files).files
        for file in sorted(listed, key=lambda one: one.path):
            name = file.path.strip("/").rsplit("/", 1)[-1]
            if name in {"", ".", ".."}:
                raise Conflict("The server lists a file whose name is no name.")
            inner = f"{below}/{name}".lstrip("/")
            if file.is_dir:
                yield from self._walk(root, inner, depth + 1)
            else:
                yield inner

    def _digest(self, path: str, most: int, target: Path | None) -> tuple[int, str]:
        """Reads one file to its end, hashing it, and writing it where a target is given."""
        url = f"{self.base}{ARTIFACTS}/{quote(path)}"
        size, digest = 0, hashlib.sha256()
        with ExitStack() as opened:
            answer = opened.enter_context(
                outbound.opened(
                    "GET",
                    url,
                    allowed_hosts=settings.CONNECTIONS_ALLOWED_HOSTS,
                    headers=self._headers,
                    timeout=DOWNLOAD_SECONDS,
                )
            )
            _refuse(answer.status, url)
            write = opened.enter_context(_created(target)).write if target else None
            for chunk in answer.chunks():
                size += len(chunk)
                if size > most:
                    raise TooMuch
                digest.update(chunk)
                if write:
                    write(chunk)
        return size, digest.hexdigest()

    def _pages(self, path: str, shape: type[Shape], field: str, **query: str) -> Iterator[Any]:
        token = ""
        for _page in range(MOST_PAGES):
            more = {"page_token": token} if token else {}
            answer = self._get(path, shape, max_results=PAGE, **query, **more)
            yield from getattr(answer, field)
            if not answer.next_page_token or answer.next_page_token == token:
                return
            token = answer.next_page_token
        raise Conflict("The other server's list does not end.")

    def _get(self, path: str, shape: type[Shape], **query: Any) -> Shape:
        asked = f"?{urlencode(query)}" if query else ""
        return self._ask("GET", f"{API}/{path}{asked}", shape)

    def _ask(self, method: str, path: str, shape: type[Shape], *, json: Any = None) -> Shape:
        url = f"{self.base}{path}"
        response = outbound.request(
            method,
            url,
            allowed_hosts=settings.CONNECTIONS_ALLOWED_HOSTS,
            headers=self._headers,
            json=json,
            max_bytes=MOST_BYTES,
        )
        _refuse(response.status, url)
        if response.truncated:
            raise Conflict(f"{outbound.host_of(url)} answered more than {MOST_BYTES:,} bytes.")
        try:
            return shape.model_validate(response.json())
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "its beginning"
            raise Conflict(
                f"{outbound.host_of(url)} does not answer as MLflow does (at {where[:200]})."
            ) from None


def _created(target: Path) -> BinaryIO:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("xb")


def _refuse(status: int, url: str) -> None:
    host = outbound.host_of(url)
    if status in (401, 403):
        raise Conflict(f"{host} refuses the credentials of this connection.", code="refused")
    if status == 404:
        raise NotFound(f"{host} does not know what was asked for.")
    if status != 200:
        raise outbound.Unreachable(f"{host} answered with status {status}.")


def _credentials(connection: Connection) -> dict[str, str]:
    secret = connection.secret
    if connection.username:
        pair = base64.b64encode(f"{connection.username}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {"Authorization": f"Bearer {secret}"} if secret else {}

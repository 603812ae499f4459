"""A version's artifact as plain files in a folder of ours: unpacked, bounded, hashed, never loaded."""

import errno
import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import yaml
from django.conf import settings

from governance.errors import Invalid
from registry.artifacts import manifest_digest

CHUNK = 1024 * 1024
MOST_FILES = 2_000
DEEPEST = 12
LONGEST_DESCRIPTION = 1_000_000
# A real archive of weights does not shrink to less than a hundredth; one made to fill a disk does.
MOST_SHRUNK, SHRUNK_FROM = 100, 10 * 1024 * 1024
FIELD = "artifact"
# Names too long, files that are also folders, files that may not be read; all else is the machine's.
FAULTS_OF_THE_ARTIFACT = {
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EACCES, errno.ELOOP,
}  # fmt: skip

# Text that describes a model, or rows; nothing that is run or unpickled when it is read.
PLAIN = {".yaml", ".yml", ".json", ".txt", ".md", ".toml", ".cfg", ".lock", ".csv", ".parquet"}
PLAIN_NAMES = {"MLmodel", "registered_model_meta", "LICENSE", "NOTICE", "README"}
PICKLED = {
    ".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz",
    ".dat", ".data",
}  # fmt: skip
# What exporters call the weights beside a model, and others their pickles.
NAMES_OF_WEIGHTS = {".bin", ".dat", ".data"}
PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


@dataclass(frozen=True)
class Brought:
    """The files of the artifact in the folder; each digest by which it may be registered."""

    folder: Path
    files: list[dict[str, Any]]
    digests: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return self.digests[0]

    @property
    def paths(self) -> list[str]:
        return [one["path"] for one in self.files]


def bring(source: Path, name: str, folder: Path) -> Brought:
    """Copies a file, unpacks an archive or copies a folder into the folder; symbolic links are refused."""
    try:
        return _brought(source, name, folder)
    except OSError as error:
        if error.errno not in FAULTS_OF_THE_ARTIFACT:
            raise
        raise Invalid(
            f"The artifact cannot be written as files: {error.strerror}.", field=FIELD
        ) from None


def _brought(source: Path, name: str, folder: Path) -> Brought:
    if source.is_dir():
        files = _copied(source, folder)
        return Brought(folder, files, [manifest_digest(files)])
    if name.lower().endswith(".zip"):
        whole = _digest(source)
        files = _unpacked(source, folder)
        return Brought(folder, files, [manifest_digest(files), whole])
    files = [_written(source.open("rb"), folder, _file_name(name), Room())]
    return Brought(folder, files, [f"sha256:{files[0]['sha256']}", manifest_digest(files)])


def model_file(brought: Brought) -> str:
    """The one ONNX file of the artifact; nothing when it has none."""
    found = [path for path in brought.paths if path.lower().endswith(".onnx")]
    named = _named_by_mlflow(brought)
    if named in found:
        return named
    if len(found) > 1 and "model.onnx" in found:
        return "model.onnx"
    if len(found) > 1:
        raise Invalid(
            f"The artifact holds {len(found)} ONNX files and names none of them; call one model.onnx.",
            field=FIELD,
        )
    return found[0] if found else ""


def to_scan(brought: Brought, *, known: Iterable[str]) -> list[str]:
    """The files that could hold code: all but ONNX, what the model names as its weights, and plain text."""
    weights = {path for path in known if not _passes_for_a_pickle(brought.folder / path)}
    return [
        path
        for path in brought.paths
        if path not in weights and not _is_plain(brought.folder / path)
    ]


class Room:
    """How much of the artifact may still be written."""

    def __init__(self) -> None:
        self.bytes_left = settings.INFRA_MAX_BYTES
        self.files_left = MOST_FILES

    def take(self, size: int) -> None:
        self.bytes_left -= size
        if self.bytes_left < 0:
            most = settings.INFRA_MAX_BYTES
            raise Invalid(
                f"The artifact is larger than the {most:,} bytes this server checks.",
                code="too_large",
                field=FIELD,
            )

    def take_file(self) -> None:
        self.files_left -= 1
        if self.files_left < 0:
            raise Invalid(f"The artifact has more than {MOST_FILES:,} files.", field=FIELD)


def _copied(source: Path, folder: Path) -> list[dict[str, Any]]:
    room = Room()
    return [
        _written(_opened_plain(path), folder, path.relative_to(source).as_posix(), room)
        for path in _walked(source, 0)
    ]


def _walked(folder: Path, depth: int) -> Iterator[Path]:
    if depth > DEEPEST:
        raise Invalid(f"The artifact's folders are more than {DEEPEST} deep.", field=FIELD)
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_symlink():
            raise Invalid(
                f"The artifact holds a symbolic link ({entry.name[:100]}); links are not followed.",
                field=FIELD,
            )
        if entry.is_dir():
            yield from _walked(Path(entry.path), depth + 1)
        else:
            yield Path(entry.path)


def _opened_plain(path: Path) -> BinaryIO:
    """Opens a plain file and nothing that took its place since."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Invalid(f"{path.name[:100]} is not a plain file.", field=FIELD)
    return os.fdopen(handle, "rb")


def _unpacked(archive: Path, folder: Path) -> list[dict[str, Any]]:
    room = Room()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            names = _names([_member_name(one) for one in members])
            if not members:
                raise Invalid("The archive is empty.", field=FIELD)
            return [
                _written(_member(opened, one), folder, name, room, packed=one.compress_size)
                for one, name in zip(members, names, strict=True)
            ]
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as error:
        raise Invalid(
            f"The archive cannot be unpacked: {str(error)[:200]}.", field=FIELD
        ) from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    if member.flag_bits & 0x1:
        raise Invalid("The archive is encrypted; send it open.", field=FIELD)
    return archive.open(member)


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name as it is in the archive, if it stays below the folder it is unpacked into."""
    name = member.filename
    path = PurePosixPath(name)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Invalid(f"The archive holds a symbolic link ({name[:100]!r}).", field=FIELD)
    climbs = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    if climbs or not path.parts or len(name) > 500 or len(path.parts) > DEEPEST:
        raise Invalid(
            f"The archive names a file outside its own folder ({name[:100]!r}).", field=FIELD
        )
    return path.as_posix()


def _names(names: list[str]) -> list[str]:
    """Without the one folder that all are in, as archives of a folder usually have."""
    if len(set(names)) < len(names):
        raise Invalid("The archive names a file twice.", field=FIELD)
    tops = {name.partition("/")[0] for name in names}
    inside = all("/" in name for name in names)
    return [name.partition("/")[2] for name in names] if len(tops) == 1 and inside else names


def _written(
    source: BinaryIO, folder: Path, name: str, room: Room, *, packed: int | None = None
) -> dict[str, Any]:
    """Writes one file while counting and hashing it; what an archive says of sizes is not believed."""
    target, digest, size = folder / name, hashlib.sha256(), 0
    with ExitStack() as opened:
        opened.enter_context(source)
        room.take_file()
        target.parent.mkdir(parents=True, exist_ok=True)
        written = opened.enter_context(target.open("xb"))
        while chunk := source.read(CHUNK):
            size += len(chunk)
            room.take(len(chunk))
            if packed is not None and size > max(SHRUNK_FROM, MOST_SHRUNK * packed):
                raise Invalid(
                    f"“{name[:100]}” unpacks to more than {MOST_SHRUNK} times its size, as archives do that are made to fill a disk.",
                    field=FIELD,
                )
            digest.update(chunk)
            written.write(chunk)
    return {"path": name, "size": size, "sha256": digest.hexdigest()}


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _file_name(name: str) -> str:
    clean = re.sub(r"[^\w.+-]", "_", name.rsplit("/", 1)[-1])[-200:].lstrip(".")
    return clean or "artifact"


def _is_plain(file: Path) -> bool:
    if file.name not in PLAIN_NAMES and file.suffix.lower() not in PLAIN:
        return False
    return not _starts_as_pickle(file)


def _passes_for_a_pickle(file: Path) -> bool:
    """Whether somebody might unpickle it, whatever the model calls it."""
    named = file.suffix.lower() in PICKLED - NAMES_OF_WEIGHTS
    return file.is_file() and (named or _starts_as_pickle(file))


def _starts_as_pickle(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2).startswith(PICKLE_STARTS)


def _named_by_mlflow(brought: Brought) -> str:
    """The data file that MLflow's own description of an ONNX model names."""
    told = description(brought, "MLmodel")
    flavors = told.get("flavors") if isinstance(told, dict) else None
    onnx = flavors.get("onnx") if isinstance(flavors, dict) else None
    data = onnx.get("data") if isinstance(onnx, dict) else None
    return data if isinstance(data, str) else ""


def description(brought: Brought, path: str) -> Any:
    """A YAML file of the artifact as plain values; nothing when it is not there or not YAML."""
    text = text_of(brought, path)
    if not text:
        return None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def text_of(brought: Brought, path: str) -> str:
    if path not in brought.paths:
        return ""
    with (brought.folder / path).open("rb") as opened:
        return opened.read(LONGEST_DESCRIPTION).decode("utf-8", "replace")


def make_room(folder: Path) -> Path:
    """An empty folder for the files, apart from everything else in the scratch folder."""
    place = folder / "artifact"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place


def may_be_pickled(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in PICKLED

"""Says what an archive holds: ``archive.json``, the manifest.

A file of an archive is never changed. An archive holds the files that its manifest names, and the
manifest is replaced whole, last: after a crash the archive is as it was before. If the archive
grows while it is read, a file that the manifest named may be gone. Then ``read_consistently`` reads
the new manifest and computes the answer again.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, TypeVar
from uuid import uuid4

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from xxhash import xxh3_64_hexdigest

from hoso.domain.errors import UserError
from hoso.projections import atomic

Answer = TypeVar("Answer")
Result = TypeVar("Result")

MANIFEST: Final = "archive.json"
FORMAT: Final = 8
FIRST_KEY: Final = -(1 << 63)
FILE_NAMES: Final = r"events-\d+-\d+\.parquet|(?:conflicts|slices)-\d+\.arrow|replay-\d+-\d+\.arrow"
FEW: Final = 8  # events behind a position are few where they are at most one in so many
WRITE_ANEW: Final = "write the archive again into another folder: hoso archive --out FOLDER"

FileName = Annotated[str, StringConstraints(pattern=f"^({FILE_NAMES})$")]


class ArchiveError(UserError):
    """An archive cannot be used; the message says why."""


class SealedFile(BaseModel):
    """A file of an archive, and the checksum of its bytes."""

    model_config = ConfigDict(frozen=True)

    name: FileName
    xxh3: str


class File(BaseModel):
    """A file of an archive: how many rows it has, their last position in the log, the first and
    last day number on which they occurred, and the checksum of its bytes."""

    model_config = ConfigDict(frozen=True)

    name: FileName
    rows: int
    last_position: int
    first_day: int
    last_day: int
    xxh3: str


class ReplayFile(SealedFile):
    """The replay file of a bucket: its events as they were known at ``position`` of the log."""

    position: int


class Bucket(BaseModel):
    """The dossiers whose keys are ``first_key`` or more, up to where the next bucket begins.

    Its files each hold some of the events of any of its dossiers; together, all of them. ``replay``
    is what a replay reads instead, where there is such a file.
    """

    model_config = ConfigDict(frozen=True)

    first_key: int
    files: tuple[File, ...] = ()
    # Left out where there is none, as in archives of format 7.
    replay: ReplayFile | None = Field(default=None, exclude_if=lambda replay: replay is None)

    @property
    def rows(self) -> int:
        """How many events it has."""
        return sum(file.rows for file in self.files)


class MapBuckets(Protocol):
    """Runs a function on each of some buckets, side by side or not; results in their order.

    The built-in ``map`` is one; others use the cores of this machine, or a cluster.
    """

    def __call__(
        self, work: Callable[[Bucket], Result], buckets: Sequence[Bucket], /
    ) -> Iterable[Result]: ...


class ShareBuckets(Protocol):
    """Shares buckets out among workers: each calls a function once, with the buckets that it takes;
    their results in any order."""

    def __call__(
        self, work: Callable[[Iterable[Bucket]], Result], buckets: Sequence[Bucket], /
    ) -> Iterable[Result]: ...


def among_one(
    work: Callable[[Iterable[Bucket]], Result], buckets: Sequence[Bucket], /
) -> Iterable[Result]:
    """One worker takes all buckets."""
    return [work(buckets)]


def one_by_one(map_buckets: MapBuckets) -> ShareBuckets:
    """Each bucket has a worker of its own, wherever ``map_buckets`` runs it."""

    def share(
        work: Callable[[Iterable[Bucket]], Result], buckets: Sequence[Bucket], /
    ) -> Iterable[Result]:
        return map_buckets(lambda bucket: work([bucket]), buckets)

    return share


class Manifest(BaseModel):
    """What an archive holds: a log up to ``position``, in the days of a time zone.

    ``identity`` is of this archive and no other; ``last_event`` is the key of the event at
    ``position``, by which an archive recognises its log; ``conflicts`` is the conflict index;
    ``slices`` has the names of the slices that replay files know by number; ``erasures`` is how
    many codes were erased from the log, and so from the archive.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[7, 8] = FORMAT
    zone: str
    identity: str = Field(default_factory=lambda: uuid4().hex)
    generation: int = 0
    position: int = 0
    buckets: tuple[Bucket, ...] = (Bucket(first_key=FIRST_KEY),)
    last_event: int | None = None
    conflicts: File | None = None
    slices: SealedFile | None = Field(default=None, exclude_if=lambda slices: slices is None)
    # Left out where there are none, as in archives of before there were any.
    erasures: int = Field(default=0, exclude_if=lambda erasures: not erasures)
    seal: str = ""

    @property
    def rows(self) -> int:
        """How many events it has."""
        return sum(bucket.rows for bucket in self.buckets)

    def has_few_behind(self, position: int) -> bool:
        """Whether so few events are behind a position that looking for them is worth it."""
        return FEW * (self.position - position) <= self.rows

    def files(self) -> Iterator[File]:
        """All of its files of events."""
        for bucket in self.buckets:
            yield from bucket.files

    def derived_files(self) -> Iterator[File | SealedFile]:
        """All of its files that are made of these."""
        yield from filter(None, (self.conflicts, self.slices))
        yield from filter(None, (bucket.replay for bucket in self.buckets))

    def sealed(self) -> "Manifest":
        """The same, with the checksum of all that it says."""
        text = self.model_dump_json(exclude={"seal"})
        return self.model_copy(update={"seal": xxh3_64_hexdigest(text.encode())})


def check_name(folder: Path) -> None:
    """Raises ``ArchiveError`` for a folder whose name is no UTF-8: Arrow cannot open it."""
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        raise ArchiveError(f"{folder}: the name is no UTF-8; name another folder") from None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the archive in a folder.

    Raises ``ArchiveError`` where there is none, and for one that is damaged or of another format.
    """
    check_name(folder)
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ArchiveError(f"{folder}: holds no archive; `hoso archive` makes one") from None
    except (OSError, ValidationError) as error:
        raise ArchiveError(f"{folder / MANIFEST}: {_fault(error)}") from None
    if manifest.seal != manifest.sealed().seal:
        raise ArchiveError(f"{folder / MANIFEST}: has been changed; {WRITE_ANEW}")
    return manifest


def _fault(error: OSError | ValidationError) -> str:
    if isinstance(error, ValidationError) and error.errors()[0]["loc"] == ("format",):
        found = error.errors()[0]["input"]
        return f"has format {found}, and this version of hoso reads {FORMAT}; {WRITE_ANEW}"
    return f"cannot be read: {' '.join(str(error).split())}"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make an archive hold what a manifest says, whose files are all in the folder.

    Raises ``OSError``, with the archive as it was.
    """
    atomic.sync_folder(folder)
    body = manifest.sealed().model_dump_json(indent=1)
    atomic.write(folder / MANIFEST, body.encode())


def check_time_zone(folder: Path, manifest: Manifest, zone: tzinfo) -> None:
    """Raises ``ArchiveError`` for an archive whose days are those of another time zone."""
    if manifest.zone != str(zone):
        raise ArchiveError(
            f"{folder}: its days are those of {manifest.zone}, not of {zone}: set HOSO_TIME_ZONE, "
            "or name another folder"
        )


def check_there(path: Path) -> None:
    """Raises ``FileNotFoundError`` where there is no such file."""
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Raise ``ArchiveError`` for a file that cannot be read or is damaged, and
    ``FileNotFoundError`` for one that is gone."""
    check_there(path)
    try:
        yield
    except (pa.ArrowException, OSError, KeyError) as error:
        fault = " ".join(str(error).split())
        raise ArchiveError(f"{path}: cannot be read: {fault}; {WRITE_ANEW}") from None


def read_consistently(
    folder: Path, manifest: Manifest, answer: Callable[[Manifest], Answer]
) -> tuple[Manifest, Answer]:
    """An answer from an archive's files, and the manifest that it is of.

    ``answer`` is called again with the new manifest where the archive has grown meanwhile. Raises
    ``ArchiveError`` where the archive cannot be read.
    """
    while True:
        try:
            return manifest, answer(manifest)
        except FileNotFoundError as gone:
            manifest = manifest_after(folder, manifest, gone)


def manifest_after(folder: Path, manifest: Manifest, gone: FileNotFoundError) -> Manifest:
    """The manifest that replaced one of whose files one is gone.

    Raises ``ArchiveError`` where the manifest is still the same: the file is missing.
    """
    now = read_manifest(folder)
    if now.generation == manifest.generation:
        raise ArchiveError(f"{gone.filename}: is missing; hoso archive --verify") from None
    return now

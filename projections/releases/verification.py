"""What proves of a release, and what does not: each check with what it found.

The checks of this module need the folder only: no log, no network. Those of the log, and of papers
that are made again, are ``tools.jobs.verify_release``.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Column,
    Data,
    Document,
    Records,
    Row,
    Table,
    Words,
)
from hoso.projections.merkle.checkpoint import Checkpoint
from hoso.projections.merkle.hashing import leaf_hash
from hoso.projections.merkle.note import Note, NoteError, PublicKey
from hoso.projections.merkle.proofs import is_consistent, root_by_inclusion
from hoso.projections.releases import receipt
from hoso.projections.releases.folder import sha256_of
from hoso.projections.releases.receipt import Growth, Receipt
from hoso.projections.releases.release import RELEASE_FILE, Release

# holds: proved. broken: not what was signed. unchecked: it cannot be told. note: good to know.
Verdict = Literal["holds", "broken", "unchecked", "note"]

TITLE: Final = Bilingual("Kiểm tra bản phát hành", "Verification of a release")
VERDICTS: Final[Mapping[Verdict, Bilingual]] = {
    "holds": Bilingual("đúng", "holds"),
    "broken": Bilingual("SAI", "DOES NOT HOLD"),
    "unchecked": Bilingual("không kiểm tra được", "cannot be checked"),
    "note": Bilingual("lưu ý", "note"),
}
COLUMNS: Final = (
    Column("check", (Bilingual("Nội dung", "Check"),), "text", width=26),
    Column("verdict", (Bilingual("Kết quả", "Result"),), "text", width=18),
    Column("says", (Bilingual("Chi tiết", "What was found"),), "text", width=60),
)

FILES: Final = Bilingual("Các tệp", "Files")
SIGNATURES: Final = Bilingual("Chữ ký", "Signatures")
RELEASES: Final = Bilingual("Nhật ký phát hành", "Log of releases")
LOG: Final = Bilingual("Nhật ký sự kiện", "Log of events")


class Finding(NamedTuple):
    """What a check found: ``check`` is what was looked at."""

    check: Bilingual
    verdict: Verdict
    says: Bilingual


class Trust(NamedTuple):
    """Whose signatures are believed: those of ``keys``, but for the ids that are ``revoked``."""

    keys: Sequence[PublicKey] = ()
    revoked: frozenset[str] = frozenset()


def offline(folder: Path, release: Release, body: bytes, trust: Trust) -> list[Finding]:
    """What the folder proves by itself. ``body`` are the bytes of its ``release.json``."""
    found = list(_files(folder, release))
    try:
        proof = receipt.read_receipt(folder)
        found += _signatures(proof, trust)
        found += _release_note(release, body, proof)
        found += _checkpoint(release, proof)
    except (UserError, NoteError) as error:
        found.append(broken(Bilingual("Biên nhận", "Receipt"), str(error), str(error)))
    return found


def status_of(findings: Sequence[Finding]) -> int:
    """The exit status: 1 where something does not hold, else 2 where something cannot be checked,
    else 0."""
    verdicts = {each.verdict for each in findings}
    return 1 if "broken" in verdicts else 2 if "unchecked" in verdicts else 0


def document(release: Release, findings: Sequence[Finding]) -> Document:
    """The document of a verification."""
    rows = tuple(_row(number, each) for number, each in enumerate(findings))
    lines = [
        {"check": each.check.en, "verdict": each.verdict, "says": each.says.en} for each in findings
    ]
    records = Records(("check", "verdict", "says"), [[*line.values()] for line in lines])
    about = (
        About(Bilingual("Bản phát hành", "Release"), f"{release.number}, {release.report}"),
        About(Bilingual("SHA-256 của release.json", "SHA-256 of release.json"), release.digest()),
    )
    table = Table("verification", TITLE, COLUMNS, rows)
    lead = _lead(status_of(findings))
    whole = {"release": release.number, "status": status_of(findings), "findings": lines}
    data = Data(whole, records)
    return Document("verify", TITLE, release.window, about, (table,), lead=lead, data=data)


def holds(check: Bilingual, vi: str, en: str) -> Finding:
    """A check that found what was signed."""
    return Finding(check, "holds", Bilingual(vi, en))


def broken(check: Bilingual, vi: str, en: str) -> Finding:
    """A check that found something else than what was signed."""
    return Finding(check, "broken", Bilingual(vi, en))


def unchecked(check: Bilingual, vi: str, en: str) -> Finding:
    """A check that cannot tell."""
    return Finding(check, "unchecked", Bilingual(vi, en))


def note(check: Bilingual, vi: str, en: str) -> Finding:
    """What is good to know."""
    return Finding(check, "note", Bilingual(vi, en))


def _row(number: int, found: Finding) -> Row:
    style: Literal["notice", "line"] = "notice" if found.verdict == "broken" else "line"
    words = (found.check, VERDICTS[found.verdict], found.says)
    cells = {column.key: Words(text) for column, text in zip(COLUMNS, words, strict=True)}
    return Row(f"check{number}", cells, style)


def _lead(status: int) -> Bilingual:
    return (
        Bilingual("Bản phát hành đúng như đã ký.", "The release is what was signed."),
        Bilingual("Bản phát hành KHÔNG đúng như đã ký.", "The release is NOT what was signed."),
        Bilingual("Chưa kết luận được.", "No conclusion: something cannot be checked."),
    )[status]


def _files(folder: Path, release: Release) -> Iterator[Finding]:
    """Whether every file that ``release.json`` names is there, as it was."""
    wrong = 0
    for name, expected in release.files().items():
        try:
            found = sha256_of(folder / name)
        except OSError as error:
            wrong += 1
            missing = isinstance(error, FileNotFoundError)
            vi, en = ("bị thiếu", "is missing") if missing else (str(error.strerror),) * 2
            yield broken(FILES, f"{name}: {vi}", f"{name}: {en}")
            continue
        if found != expected:
            wrong += 1
            yield broken(FILES, f"{name}: đã bị sửa", f"{name}: has been changed")
    if not wrong:
        number = len(release.files())
        yield holds(FILES, f"{number} tệp như đã ký", f"{number} files are as they were signed")
    yield from _strangers(folder, release)


def _strangers(folder: Path, release: Release) -> Iterator[Finding]:
    """The files that the release does not have."""
    own = {*release.files(), RELEASE_FILE, *receipt.FILES}
    there = (path for path in sorted(folder.rglob("*")) if path.is_file())
    for name in (path.relative_to(folder).as_posix() for path in there):
        if name not in own:
            yield note(FILES, f"{name}: không thuộc bản này", f"{name}: is not of this release")


def _signatures(proof: Receipt, trust: Trust) -> Iterator[Finding]:
    """Whether both notes are signed, and by whom."""
    for name, signed in (
        (receipt.CHECKPOINT_NOTE, proof.checkpoint),
        (receipt.RELEASE_NOTE, proof.releases),
    ):
        yield _signature(name, signed, proof.key, trust)


def _signature(name: str, signed: Note, own: PublicKey, trust: Trust) -> Finding:
    ids = [each.key_id for each in signed.signatures]
    if revoked := next((each for each in ids if each in trust.revoked), None):
        return broken(
            SIGNATURES,
            f"{name}: ký bằng khóa đã bị thu hồi {revoked}",
            f"{name}: signed with the revoked key {revoked}",
        )
    known = [key for key in (trust.keys or (own,)) if key.id in ids]
    if not known:
        return unchecked(
            SIGNATURES,
            f"{name}: ký bằng khóa không biết {', '.join(ids)}",
            f"{name}: signed with an unknown key {', '.join(ids)}",
        )
    if not signed.is_signed_with(known[0]):
        return broken(SIGNATURES, f"{name}: chữ ký sai", f"{name}: the signature does not hold")
    who = f"{known[0].name} ({known[0].id})"
    if trust.keys:
        return holds(SIGNATURES, f"{name}: {who} đã ký", f"{name}: signed by {who}")
    return note(
        SIGNATURES,
        f"{name}: ký bằng khóa đi kèm {who}; --key FILE.pub cho biết khóa của ai",
        f"{name}: signed with the key beside it, {who}; --key FILE.pub tells whose it is",
    )


def _release_note(release: Release, body: bytes, proof: Receipt) -> Iterator[Finding]:
    """Whether ``release.json`` is the entry that the note on the log of releases covers."""
    noted, inclusion = Checkpoint.parse(proof.releases.text), proof.inclusion
    path = [bytes.fromhex(each) for each in inclusion.path]
    root = root_by_inclusion(leaf_hash(body), inclusion.index, inclusion.size, path)
    if (inclusion.index + 1, inclusion.size, root) != (release.number, noted.size, noted.root):
        yield broken(
            RELEASES,
            f"{RELEASE_FILE} không phải là bản đã ký trong {receipt.RELEASE_NOTE}",
            f"{RELEASE_FILE} is not what {receipt.RELEASE_NOTE} signs: it has been changed",
        )
        return
    yield holds(
        RELEASES,
        f"{RELEASE_FILE} là mục số {release.number} đã ký",
        f"{RELEASE_FILE} is entry {release.number}, as signed",
    )
    yield from _growth(RELEASES, proof.consistency.releases, noted)


def _checkpoint(release: Release, proof: Receipt) -> Iterator[Finding]:
    """Whether the note on the log of events is of the log that ``release.json`` names."""
    noted, log = Checkpoint.parse(proof.checkpoint.text), release.log
    if (noted.origin, noted.size, noted.root.hex()) != (log.origin, log.events, log.root):
        yield broken(
            LOG,
            f"{receipt.CHECKPOINT_NOTE} là của nhật ký khác với {RELEASE_FILE}",
            f"{receipt.CHECKPOINT_NOTE} is of another log than {RELEASE_FILE}",
        )
        return
    yield from _growth(LOG, proof.consistency.log, noted)


def _growth(check: Bilingual, growth: Growth | None, noted: Checkpoint) -> Iterator[Finding]:
    if growth is None:
        return
    path = [bytes.fromhex(each) for each in growth.path]
    if not is_consistent(growth.size, bytes.fromhex(growth.root), noted.size, noted.root, path):
        yield broken(
            check,
            f"{receipt.CONSISTENCY}: không chứng minh được nhật ký chỉ được ghi thêm",
            f"{receipt.CONSISTENCY}: does not prove that the log only grew",
        )
        return
    yield holds(
        check,
        f"chỉ được ghi thêm sau {growth.size} mục trước đó",
        f"only grew behind the first {growth.size}",
    )

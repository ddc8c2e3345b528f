"""The document of one release as its log has it: what it says, what of it holds, and its files."""

from collections.abc import Iterator, Sequence
from typing import Final

from hoso.projections.documents.law import regime_in_words
from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Data,
    Document,
    Records,
    Row,
    Table,
    Text,
    Words,
    counted,
    in_numbers,
    same,
)
from hoso.projections.ledger.statement import instant_text
from hoso.projections.releases import verification
from hoso.projections.releases.release import Release
from hoso.projections.releases.verification import Finding

TITLE: Final = Bilingual("Bản phát hành", "Release")
SAYS: Final = Bilingual("Nội dung phát hành", "What was released")
FILES: Final = Bilingual("Các tệp và mã SHA-256", "Files and their SHA-256")
# Of the log only: nobody opens the papers or reads the events for it.
FITS: Final = Bilingual(
    "Có trong nhật ký phát hành, và gốc đã ký khớp với cây Merkle của nhật ký. Tệp và sự kiện chưa "
    "được kiểm tra ở đây: hoso verify kiểm tra.",
    "It is in the log of releases, and its signed root fits the Merkle tree of the log. Papers and "
    "events were not checked here: hoso verify checks them.",
)
FITS_NOT: Final = Bilingual(
    "KHÔNG khớp với nhật ký phát hành hoặc cây Merkle của nhật ký.",
    "It does NOT fit the log of releases or the Merkle tree of the log.",
)
FACTS: Final = (
    Column("name", (Bilingual("Mục", "Item"),), "text", width=26),
    Column("text", (Bilingual("Nội dung", "What it says"),), "text", width=60),
)
DIGESTS: Final = (
    Column("file", (Bilingual("Tệp", "File"),), "text", width=36),
    Column("sha256", (same("SHA-256"),), "text", width=64),
)


def document(release: Release, findings: Sequence[Finding]) -> Document:
    """The document of a release, and what its log and the tiles of that say of it."""
    checks = verification.document(release, findings)
    facts = [
        Row(f"fact{place}", {"name": Words(name), "text": Words(text)})
        for place, (name, text) in enumerate(_facts(release))
    ]
    files = [
        Row(name, {"file": Words(name), "sha256": Words(sha)})
        for name, sha in release.files().items()
    ]
    whole = {
        "release": release.model_dump(mode="json"),
        "sha256": release.digest(),
        "findings": checks.data.json["findings"] if checks.data else [],
    }
    records = Records(("file", "sha256"), [[name, sha] for name, sha in release.files().items()])
    return Document(
        "release",
        Bilingual(f"{TITLE.vi} số {release.number}", f"{TITLE.en} {release.number}"),
        release.window,
        (),
        (
            Table("facts", SAYS, FACTS, facts),
            *checks.parts,
            Table("files", FILES, DIGESTS, files),
        ),
        data=Data(whole, records),
        lead=FITS_NOT if verification.status_of(findings) else FITS,
    )


def _facts(release: Release) -> Iterator[tuple[Bilingual, Text]]:
    """What a release says, in the order in which people ask."""
    first, last = map(in_numbers, release.window)
    log, law, program = release.log, release.law, release.program
    yield Bilingual("Báo cáo", "Report"), ", ".join(release.reports)
    yield (
        Bilingual("Kỳ báo cáo", "Period"),
        Bilingual(f"{first.vi} – {last.vi}", f"{first.en} – {last.en}"),
    )
    if release.under is not None:
        yield Bilingual("Đơn vị", "Body"), release.under
    for dimension, values in release.slices.items():
        yield same(dimension), ", ".join(value or "–" for value in values)
    yield Bilingual("Số liệu tính đến", "As of"), instant_text(release.as_of)
    yield Bilingual("Phát hành lúc", "Released at"), instant_text(release.released_at)
    if release.supersedes is not None:
        because = f"{release.supersedes}: {release.because}"
        yield Bilingual("Thay cho bản số", "Supersedes"), because
    regime, known = regime_in_words(law.regime), in_numbers(law.as_of)
    yield (
        Bilingual("Quy định", "Law"),
        Bilingual(
            f"{regime.vi} ({law.edition}), đã công bố đến {known.vi}",
            f"{regime.en} ({law.edition}), as published by {known.en}",
        ),
    )
    yield Bilingual("Lịch làm việc", "Working days"), release.calendar.version
    yield Bilingual("Chương trình", "Program"), f"hoso {program.version}, {program.rule_book}"
    yield Bilingual("Nhật ký", "Log"), log.origin
    yield Bilingual("Nhật ký đến đó", "Log up to there"), counted(log.events, "sự kiện", "events")
    yield Bilingual("Gốc Merkle", "Merkle root"), log.root
    for each in release.statements:
        yield Bilingual("Mã xác thực bảng cân đối", "Digest of the statement"), each.digest
    yield Bilingual("SHA-256 của release.json", "SHA-256 of release.json"), release.digest()

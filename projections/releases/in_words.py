"""Revisions in words: the three sentences that an official would write to a superior.

What is different, why, and what is to be done. Each sentence gives its figures.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from hoso.projections.documents.law import cited
from hoso.projections.documents.model import (
    Bilingual,
    Letter,
    Section,
    Sentence,
    in_numbers,
    same,
)
from hoso.projections.releases.release import Release
from hoso.projections.releases.revisions import Cause, Change, Part, Value

MOST_NAMED: Final = 3  # figures that the first sentence names
KIND: Final = Bilingual("BÁO CÁO", "REPORT")
SUMMARY: Final = Bilingual(
    "Về việc thay đổi số liệu đã phát hành", "On changes in figures that were released"
)
HEADING: Final = Bilingual("Số liệu thay đổi và lý do", "What changed, and why")


def letter(release: Release, changes: Sequence[Change]) -> Letter:
    """The letter about revisions: its three sentences."""
    sentences = tuple(Sentence(_without_fields(each)) for each in sentences_of(release, changes))
    return Letter(KIND, SUMMARY, (Section(HEADING, sentences),))


def sentences_of(release: Release, changes: Sequence[Change]) -> tuple[Bilingual, ...]:
    """What is different, why, and what is to be done."""
    return _what(release, changes), _why(changes), _next(release, changes)


def _without_fields(text: Bilingual) -> Bilingual:
    """A text as letters have it, in which braces and double brackets stand for nothing."""
    vi, en = (each.replace("{", "(").replace("}", ")").replace("[[", "[ [") for each in text)
    return Bilingual(vi, en)


def _what(release: Release, changes: Sequence[Change]) -> Bilingual:
    """How many figures are different, and the most important of them."""
    (first, first_en), (last, last_en) = map(in_numbers, release.window)
    own = Bilingual(
        f"Báo cáo phát hành số {release.number}, kỳ {first} – {last}",
        f"Release no. {release.number}, of {first_en} to {last_en}",
    )
    if not changes:
        return Bilingual(f"{own.vi}, nay không có gì thay đổi.", f"{own.en}, is unchanged.")
    named = [_told(change) for change in sorted(changes, key=_importance)[:MOST_NAMED]]
    rest = len(changes) - len(named)
    others = Bilingual(f" và {rest} số liệu khác", f" and {rest} others")
    vi, en = ("; ".join(texts) for texts in zip(*named, strict=True))
    return Bilingual(
        f"{own.vi}, nay có {len(changes)} số liệu khác: {vi}{others.vi if rest else ''}.",
        f"{own.en}, has {len(changes)} figures that differ now: {en}{others.en if rest else ''}.",
    )


def _importance(change: Change) -> tuple[bool, bool, Decimal]:
    """Totals before slices, numbers before texts, the largest difference first."""
    difference = change.difference
    return bool(change.name.slice), difference is None, -abs(Decimal(difference or 0))


def _told(change: Change) -> Bilingual:
    figure, of = change.figure, same("")
    if change.where:
        of = Bilingual(*(f" ({': '.join(texts)})" for texts in zip(*change.where, strict=True)))
    old, new = _number(change.released), _number(change.now)
    difference = change.difference or 0
    moved = Bilingual("", "")
    if difference:
        size = _number(difference if difference > 0 else -difference)
        words = ("tăng", "up") if difference > 0 else ("giảm", "down")
        moved = Bilingual(f" ({words[0]} {size.vi})", f" ({words[1]} {size.en})")
    return Bilingual(
        f"{figure.vi}{of.vi} từ {old.vi} thành {new.vi}{moved.vi}",
        f"{figure.en}{of.en} from {old.en} to {new.en}{moved.en}",
    )


def _number(value: Value) -> Bilingual:
    if value is None:
        return same("–")
    if isinstance(value, str):
        return same(value)
    text = f"{value:,}"
    return Bilingual(text.replace(",", " ").replace(".", ",").replace(" ", "."), text)


def _why(changes: Sequence[Change]) -> Bilingual:
    """What each part consists of: how many dossiers, and what moved them."""
    if not changes:
        return Bilingual(
            "Không có sự kiện ghi nhận sau, quy định mới hoặc thay đổi của chương trình nào làm "
            "khác các số liệu này.",
            "No event recorded since, no other law and no other program changes these figures.",
        )
    said = [told for part, tell in TELL.items() if (told := tell(changes, part))]
    vi, en = ("; ".join(texts) for texts in zip(*said, strict=True))
    return Bilingual(f"Nguyên nhân: {vi}.", f"The reasons: {en}.")


def _data(changes: Sequence[Change], part: Part) -> Bilingual | None:
    dossiers, causes = _of_part(changes, part)
    if not dossiers:
        return None
    latest = max((cause.late_days for cause in causes), default=0)
    annulled = sum(cause.annuls is not None for cause in causes)
    return Bilingual(
        f"{dossiers} hồ sơ có {len(causes)} sự kiện ghi nhận sau khi phát hành"
        f" (muộn nhất {latest} ngày; {annulled} sự kiện thu hồi)",
        f"{dossiers} dossiers have {len(causes)} events recorded since the release"
        f" (at most {latest} days late; {annulled} annulments)",
    )


def _law(changes: Sequence[Change], part: Part) -> Bilingual | None:
    dossiers, causes = _of_part(changes, part)
    if not dossiers:
        return None
    sources = sorted({each.source for cause in causes for each in cause.provisions})
    days = sorted({day for cause in causes for day in cause.days})
    by = [*map(cited, sources), *(in_numbers(day) for day in days)]
    vi, en = (", ".join(texts) for texts in zip(*by, strict=True)) if by else ("–", "–")
    return Bilingual(
        f"{dossiers} hồ sơ được tính theo quy định hoặc lịch làm việc công bố sau: {vi}",
        f"{dossiers} dossiers are judged by provisions or working days published since: {en}",
    )


def _program(changes: Sequence[Change], part: Part) -> Bilingual | None:
    moved = sum(change.parts[part] not in (0, None) for change in changes)
    if not moved:
        return None
    return Bilingual(
        f"chương trình hiện nay tính khác {moved} số liệu",
        f"today's program computes {moved} figures otherwise",
    )


TELL: Final[dict[Part, Callable[[Sequence[Change], Part], Bilingual | None]]] = {
    "data": _data,
    "law": _law,
    "program": _program,
}


def _of_part(changes: Sequence[Change], part: Part) -> tuple[int, set[Cause]]:
    """How many dossiers a part has, and their events."""
    moved = [each for change in changes for each in change.dossiers if each.part == part]
    return len({each.dossier for each in moved}), {c for each in moved for c in each.causes}


def _next(release: Release, changes: Sequence[Change]) -> Bilingual:
    """What is to be done."""
    if not changes:
        return Bilingual("Báo cáo không cần phát hành lại.", "It need not be released again.")
    return Bilingual(
        "Mọi số liệu khác của báo cáo giữ nguyên; kính đề nghị cho phát hành báo cáo thay thế báo "
        f"cáo số {release.number}, nêu rõ các lý do trên.",
        "All its other figures stay as they are; we ask leave to release a report that supersedes "
        f"no. {release.number} for these reasons.",
    )

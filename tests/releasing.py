"""An office that releases: a store with a history, a key, and the files that reports are made with.

Releases are made by the job, with a clock that stands where a test puts it.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.releases.release import STATEMENT, Options, Release
from hoso.projections.releases.verification import Trust, status_of
from hoso.tools.inputs import signing_keys
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.release import Correction, Signing, release
from hoso.tools.jobs.release_papers import Asked
from hoso.tools.jobs.verify_release import Verified, verify
from hoso.tools.runtime.environment import zone
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options as Reading
from hoso.tools.sources.source import Source
from tests.command import done

NOW: Final = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
WINDOW: Final = Window(date(2026, 6, 15), date(2026, 9, 14))
SIMULATED: Final = ("--seed", "7", "--facts", "--to", "2026-11-20", "--from", "2026-01-01")
HOLDS: Final[tuple[list[str], int]] = ([], 0)


class ReleasingOffice:
    """An office in a folder of its own."""

    def __init__(self, folder: Path, dossiers: int = 30) -> None:
        self.folder, self.store = folder, f"sqlite:///{folder / 'hoso.db'}"
        done(
            folder,
            *("simulate", "--dossiers", str(dossiers), *SIMULATED),
            *("--out", "events.jsonl", "--registry", "agencies.csv"),
        )
        done(folder, "ingest", "events.jsonl", "--recorded", "time")
        signing_keys.make(folder / "key.pem", "tested")

    @classmethod
    def again(cls, folder: Path, store: str | None = None) -> "ReleasingOffice":
        """An office whose folder is there, and maybe its store elsewhere."""
        office = object.__new__(cls)
        office.folder, office.store = folder, store or f"sqlite:///{folder / 'hoso.db'}"
        return office

    @property
    def key(self) -> SigningKey:
        return signing_keys.signing_key(str(self.folder / "key.pem"))

    @property
    def trust(self) -> Trust:
        return Trust((self.key.public,))

    def source(self, name: str | None = None, *, cache: bool = True) -> Source:
        return open_source([name or self.store], Reading(zone(), cache=cache))

    def asked(self, report: str = "summary", **changes: Any) -> Asked:
        final = "held" if report == STATEMENT else "final"
        options = Options(**changes.pop("options", {}))
        whole = Asked(report, WINDOW, final, (), {}, None, options, NOW + timedelta(seconds=1))
        return whole._replace(**changes)

    def release(
        self,
        out: str,
        report: str = "summary",
        *,
        now: datetime = NOW,
        policy: Policy | None = None,
        corrects: tuple[int, str] | None = None,
        source: Source | None = None,
        **changes: Any,
    ) -> Release:
        correction = None if corrects is None else Correction(*corrects)
        signing = Signing(self.key, now, correction)
        asked = self.asked(report, **changes)
        opened = source or self.source()
        return release(asked, policy or Policy(), opened, signing, self.folder / out)

    def verify(self, out: str, source: str | None = "", trust: Trust | None = None) -> Verified:
        """Verify from the office's own store, from another source, or (None) offline."""
        opened = None if source is None else self.source(source or None, cache=False)
        return verify(self.folder / out, opened, self.trust if trust is None else trust)


def said(verified: Verified) -> list[str]:
    """What was found that does not hold, or cannot be checked."""
    return [each.says.en for each in verified.findings if each.verdict in ("broken", "unchecked")]


def status(verified: Verified) -> int:
    return status_of(verified.findings)


def outcome(verified: Verified) -> tuple[list[str], int]:
    """What was said, and the exit status: ``HOLDS``, or what is wrong."""
    return said(verified), status(verified)


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

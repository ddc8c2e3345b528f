"""Releases without a receipt: papers as ``hoso report`` prints them, and what they say of
themselves. Quick to make where a test is about figures, not about proofs."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from hoso.domain.office import ZONE
from hoso.domain.policy import RULE_BOOK, Policy
from hoso.domain.windows import Window
from hoso.projections.releases.release import KeptCalendar, KeptLaw, LogPoint, Program, Release
from hoso.tools.inputs.agencies import registry
from hoso.tools.runtime.calendar import calendar
from tests.command import asked

NO_ROOT: Final = "00" * 32
PROGRAM: Final = Program(version="0", rule_book=RULE_BOOK, code="", profiles="", libraries={})


def release_of(
    folder: Path,
    name: str,
    report: tuple[str, ...],
    window: Window,
    as_of: datetime,
    **given: Any,
) -> Path:
    """Release what a command answers as of an instant, into a folder of that name, as ``--out`` of
    it; ``given`` is what else ``release.json`` says."""
    made = folder / name
    single = report[0] == "statement" or report[1] not in ("all",)
    one = report[0] if report[0] == "statement" else report[1]
    is_folder = not single or "--each" in report
    made.mkdir()
    out = name if is_folder else f"{name}/{one}.json"
    days = ("--from", window.first.isoformat(), "--to", window.last.isoformat())
    asked(folder, *report, *days, "--as-of", as_of.isoformat(), "--out", out)
    day = as_of.astimezone(ZoneInfo(ZONE)).date()
    papers = sorted(made.rglob("*.json"))
    if "--registry" in report:
        file = str(folder / report[report.index("--registry") + 1])
        given = {"registry": registry(file).digest, **given}
    release = Release(
        number=1,
        report=one,
        reports=tuple(sorted({paper.stem for paper in papers})),
        window=window,
        attribution="held" if report[0] == "statement" else "final",
        as_of=as_of,
        zone=ZONE,
        law=KeptLaw.of(Policy(), day),
        calendar=KeptCalendar.of(calendar(day)),
        program=PROGRAM,
        log=LogPoint(origin="hoso/test", position=0, events=0, root=NO_ROOT),
        statements=(),
        papers={str(each.relative_to(made)): _sha256(each) for each in papers},
        inputs={},
        behind=NO_ROOT,
        released_at=as_of,
        **given,
    )
    (made / "release.json").write_bytes(release.as_bytes())
    return made


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

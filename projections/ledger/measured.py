"""Which dossiers does a measure of quality facts count? As ``listing`` does for a figure."""

from collections.abc import Sequence
from typing import Any

from hoso.domain import validity
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import DossierFilter, described, standing
from hoso.projections.ledger.ledger import DIMENSIONS, Ledger, sliced
from hoso.projections.ledger.quality import MeasureCounts, count_measures
from hoso.projections.log.lives import lives, recorded_order, verdicts
from hoso.projections.log.schema import Integers


def measured_dossiers(
    ledger: Ledger,
    window: Window,
    measures: Sequence[str],
    by: Sequence[str],
    within: DossierFilter,
) -> list[dict[str, Any]]:
    """The dossiers that measures (``quality.MEASURES``) count in a window, sorted by the values of
    ``by`` and by code, each as it stands at the end of it, and how much it counts (``number``).

    Raises ``KeyError`` for an unknown dimension.
    """
    log, office = ledger.log, ledger.office
    known = recorded_order(log, ledger.as_of)
    told = lives(log, known[verdicts(log, known) == validity.VALID], office.zone)
    reception_row, counts = count_measures(log, told, office, window)
    numbers: dict[str, int] = {}
    for counted in counts:
        if counted.measure in measures:
            for code, number in _counted(ledger, counted, reception_row, within):
                numbers[code] = numbers.get(code, 0) + number
    lines = standing(ledger.folded.journal, window.last)
    listed = described(ledger, lines, by, within._replace(only={}, under=None))
    return [
        {**row, "number": numbers[row["dossier"]]} for row in listed if row["dossier"] in numbers
    ]


def _counted(
    ledger: Ledger, counts: MeasureCounts, reception_row: Integers, within: DossierFilter
) -> list[tuple[str, int]]:
    """The dossiers that a measure counts and a filter keeps, each with how much it counts. The
    agency of a step is the one that does the step."""
    rows = ledger.log.select(["dossier", *DIMENSIONS]).take(reception_row[counts.entry]).to_pylist()
    if counts.transfer_row is not None:
        agencies = ledger.log["to_agency"].take(counts.transfer_row).to_pylist()
        levels = _levels(ledger)
        rows = [
            {**row, "agency": agency, "level": levels.get(agency)}
            for row, agency in zip(rows, agencies, strict=True)
        ]
    counted = zip(rows, counts.number.tolist(), strict=True)
    return [(row["dossier"], number) for row, number in counted if within.has(row)]


def _levels(ledger: Ledger) -> dict[str | None, str | None]:
    """The level that an agency's own dossiers say that it has, whenever they were received."""
    slices, _ = sliced(ledger, ["level", "agency"])
    return {agency: level for level, agency in slices}

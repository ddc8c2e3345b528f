"""What does the centre state from the ledgers of all provinces, and is it what one log says?"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson

from tests.nation.country import DAYS, Province, national_registry
from tests.nation.intake import Centre

WHOLE: Final = "whole.jsonl"
REGISTRY: Final = "agencies.csv"
TEN_YEARS: Final = ("--from", f"{DAYS.first}", "--to", f"{DAYS.last}")
STATEMENT: Final = ("statement", *TEN_YEARS, "--by", "agency,channel", "--format", "json")
YEAR: Final = ("--window", "2025")  # the reform is in the middle of it
REPORT: Final = ("report", "form07b", "--registry", REGISTRY, *YEAR, "--format", "csv")


class Stated(NamedTuple):
    """What was stated of the nation: the digest of its statement, how many dossiers it has
    received, and the figures of its report."""

    digest: str
    received: int
    report: str


def of_ledgers(centre: Centre, some: Sequence[Province]) -> Stated:
    """What the exported ledgers add up to."""
    write_registry(centre, some)
    return stated(centre, *(province.ledger for province in some))


def from_nothing(centre: Centre) -> Stated:
    """What a fold of all events says, which were never in a topic or a store."""
    return stated(centre, WHOLE)


def write_registry(centre: Centre, some: Sequence[Province]) -> None:
    """Write the registry of all bodies."""
    (centre.folder / REGISTRY).write_bytes(b"".join(national_registry(some)))


def stated(centre: Centre, *sources: str) -> Stated:
    """What some sources say together."""
    statement = orjson.loads(centre.run(*STATEMENT, "--source", *sources))
    report = centre.run(*REPORT, "--source", *sources)
    received = sum(line["received"] for line in statement["lines"])
    figures, _, _basis = report.partition("\r\n\r\n")  # which says until when all is known
    return Stated(statement["digest"], received, figures)

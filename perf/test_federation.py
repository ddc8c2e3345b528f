"""A national statement from the exported ledgers of 34 provinces, as a whole process.

Each province is a year of ``HOSO_PERF_EVENTS`` simulated events, the agencies named after it. The
limit reads the files: bytes, seal and Arrow columns.
"""

import subprocess
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.projections.federation import file
from hoso.projections.federation.exported import ExportedLedger
from perf.conftest import HOSO, hoso, measure

PROVINCES: Final = 34
GROUP: Final = "a national statement from exported ledgers"
ASKED: Final = ("--window", "2023-Q1", "--format", "json")


def of_province(ledger: ExportedLedger, number: int) -> ExportedLedger:
    """The same ledger, with agencies of another province."""

    def renamed(code: str | None) -> str | None:
        return code and f"P{number:02}.{code}"

    place = ledger.about.by.index("agency")
    values = [*ledger.slices.values]
    values[place] = [renamed(code) for code in values[place]]
    received = tuple(
        each.model_copy(update={"agency": renamed(each.agency)}) for each in ledger.about.received
    )
    about = ledger.about.model_copy(update={"received": received})
    return ledger._replace(about=about, slices=ledger.slices._replace(values=values))


@pytest.fixture(scope="module")
def ledgers(store: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("nation")
    hoso("ledger", "export", "--source", store, "--out", str(folder / "one.ledger"))
    one = file.read(folder / "one.ledger")
    names = [str(folder / f"province-{number:02}.ledger") for number in range(PROVINCES)]
    for number, name in enumerate(names):
        file.write(Path(name), of_province(one, number))
    return names


def stated(*words: str) -> Any:
    command = [HOSO, "statement", *words, *ASKED]
    return orjson.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("by", ["", "level", "level,channel,agency"])
def test_national_statement(
    benchmark: BenchmarkFixture, ledgers: list[str], store: str, by: str
) -> None:
    benchmark.extra_info["bytes_of_a_province"] = Path(ledgers[0]).stat().st_size
    whole = stated("--source", *ledgers)
    one = stated("--source", store)
    assert whole["total"]["received"] == PROVINCES * one["total"]["received"]
    measure(benchmark, GROUP, lambda: stated("--source", *ledgers, "--by", by))


def test_limit_reading_the_files(benchmark: BenchmarkFixture, ledgers: list[str]) -> None:
    measure(benchmark, GROUP, lambda: [file.read(Path(name)) for name in ledgers])

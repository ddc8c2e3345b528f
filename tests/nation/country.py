"""Which provinces does the simulated nation have, and what happens in them in ten years?

34 provinces, from 300,000 dossiers a year to 2 million, 30 million together; or a part of that. In
each happens what ``hoso simulate`` makes up, through the reform of 1 July 2025, by a seed of its
own and under a code and a source of its own.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

import orjson

from hoso.domain.windows import Window
from hoso.tools.output import csv
from hoso.tools.runtime.calendar import calendar
from hoso.tools.simulation.history import simulate
from hoso.tools.simulation.province import registry

PROVINCES: Final = 34
SMALLEST, LARGEST = 300_000, 2_000_000  # dossiers a year: docs/OPERATIONS.md, Sizing
YEARS: Final = 10
DAYS: Final = Window(date(2015, 12, 15), date(2025, 12, 14))  # administrative years 2016 to 2025
HALF: Final = "2020-12-15"
MADE_UP: Final = "H52"  # the code of the province that is made up
NATION: Final = {"code": "VN", "name": "Việt Nam", "level": "province"}


class Province(NamedTuple):
    """A province: its number, and how many dossiers it receives in all."""

    number: int
    dossiers: int

    @property
    def code(self) -> str:
        """The code of its People's Committee, with which the codes of its bodies begin."""
        return f"H{self.number:02}"

    @property
    def ledger(self) -> str:
        """The file of its exported ledger."""
        return f"{self.code}.ledger"

    @property
    def on_postgres(self) -> bool:
        """Whether its store is PostgreSQL; the store of every other one is SQLite."""
        return self.number % 2 == 0

    def events(self) -> Iterator[bytes]:
        """Its events as JSON lines, in order of ``time``, some of them twice."""
        for event in simulate(self.dossiers, self.number, calendar().days, DAYS, facts=True):
            line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
            yield self._own(line.decode()).encode()

    def registry(self) -> Iterator[dict[str, str]]:
        """The rows of its bodies, in the registry of the nation."""
        for row in registry():
            own = {name: self._own(value) for name, value in row.items()}
            yield own if own["parent"] else own | {"parent": NATION["code"]}

    def _own(self, text: str) -> str:
        """What is said of the province that is made up, said of this one."""
        return text.replace(MADE_UP, self.code).replace(MADE_UP.lower(), self.code.lower())


def provinces(part: int) -> list[Province]:
    """The provinces, with one of so many dossiers."""
    growth = (LARGEST / SMALLEST) ** (1 / (PROVINCES - 1))
    each = (SMALLEST * growth**n * YEARS / part for n in range(PROVINCES))
    return [Province(n, max(round(dossiers), 1)) for n, dossiers in enumerate(each, 1)]


def national_registry(some: Iterable[Province]) -> Iterator[bytes]:
    """The registry of all bodies, as CSV."""
    bodies = [row for province in some for row in province.registry()]
    return csv.keyed([dict.fromkeys(bodies[0], "") | NATION, *bodies])

"""Makes cubes from rows that a test writes, one for each slice."""

from collections.abc import Iterable, Mapping

import numpy as np

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.windows import Window
from hoso.projections.ledger.quality import MEASURES, SENT
from hoso.projections.reports.basis.cube import CUBE_DIMENSIONS, Cube, Dimension

FIGURES = ("carried_over", "received", *ACCOUNTS, "carried_forward", *MEASURES, *SENT)


def cube_of(window: Window, rows: Iterable[Mapping[str, str | int | None]]) -> Cube:
    """A cube of rows such as ``{"agency": "a", "channel": "online", "received": 3}``: a dimension
    that a row does not have is None, a figure 0, and facts of each kind were sent. Raises
    ``KeyError`` for what is neither."""
    told = list(rows)
    for row in told:
        if unknown := row.keys() - {*CUBE_DIMENSIONS, *FIGURES}:
            raise KeyError(min(unknown))
    dimensions = {name: _dimension([row.get(name) for row in told]) for name in CUBE_DIMENSIONS}
    figures = {name: column for column, name in enumerate(FIGURES)}
    numbers = [[row.get(name, int(name in SENT)) for name in FIGURES] for row in told]
    table = np.array(numbers, np.int64).reshape(-1, len(FIGURES))
    return Cube(window, dimensions, figures, table, np.arange(len(told)))


def _dimension(values: list[str | int | None]) -> Dimension:
    said = [None if value is None else str(value) for value in values]
    names = sorted(set(said), key=lambda name: (name is not None, name or ""))
    return Dimension(names, np.array([names.index(name) for name in said], np.int64))

"""The colours of the series of a chart, which colour-blind people can tell apart as well.

They are those of Okabe and Ito (Color Universal Design, 2008) without yellow and black, which
cannot be seen on a light or a dark background. On grey prints dashes tell the lines apart.
"""

from typing import Final

SERIES: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")


def of(place: int) -> str:
    """The colour of a series, by its place."""
    return SERIES[place % len(SERIES)]

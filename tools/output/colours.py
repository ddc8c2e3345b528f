"""Which colours tell the series of a chart apart, for colour-blind eyes as well?

Those of Okabe and Ito (Color Universal Design, 2008), without yellow and black, which one of two
backgrounds swallows. Who prints in grey has the dashes of lines.
"""

from typing import Final

SERIES: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")


def of(place: int) -> str:
    """The colour of a series, by its place."""
    return SERIES[place % len(SERIES)]

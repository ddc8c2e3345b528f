"""The flow of a statement: are its streams as wide as they have dossiers?"""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.projections.documents.figures import figure
from hoso.tools.serve.drawings import HEIGHT, INFLOWS, NARROW, OUTFLOWS, WIDE, Sizes, flow
from tests.engine import Json, examples, ledger_of, stated
from tests.histories import histories, windows

SVG = "{http://www.w3.org/2000/svg}"
RIBBON = re.compile(r"M\S+ (\S+)C.* \S+ (\S+)V(\S+)C.*Z")


def drawn(total: dict[str, Any], sizes: Sizes) -> dict[str, float]:
    """The width of each stream of a drawing, by figure; all of it is well formed."""
    svg = str(flow(total, {"received": "/dossiers?a=1&b=2"}, "vi", sizes))
    assert ElementTree.fromstring(svg).get("viewBox")
    found = {}
    for name, path in re.findall(r'<path class="([\w-]+)" d="([^"]+)"', svg):
        if match := RIBBON.fullmatch(path):
            found[name.replace("-", ".")] = float(match[3]) - float(match[2])
    return found


@pytest.mark.parametrize("sizes", [WIDE, NARROW])
@given(data=st.data(), events=histories())
@examples(30)
def test_streams_are_as_wide_as_they_have_dossiers(
    sizes: Sizes, data: st.DataObject, events: list[Json]
) -> None:
    total = stated(events, data.draw(windows(events)))["total"]
    widths, whole = {}, sum(figure(total, name) for name in INFLOWS)
    if whole:
        widths = drawn(total, sizes)
    for name in (*INFLOWS, *OUTFLOWS):
        number = figure(total, name)
        assert (name in widths) == bool(number), name
        if number:
            assert widths[name] == pytest.approx(HEIGHT * number / whole, abs=0.5), name


def test_where_nothing_is_nothing_is_drawn() -> None:
    total = stated([], (min_day := ledger_of([]).office.last_day(None), min_day))["total"]
    assert flow(total, {}, "vi", WIDE) == ""

"""Do logs of the same events have the same sum, and others another one?"""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.projections.log.schema import SCHEMA
from hoso.projections.log.sums import SUMMED, Sum, sum_of
from tests.engine import Json, examples, log_of
from tests.histories import histories

CHANGED: dict[Any, Any] = {  # a value of each type, and another one
    pa.types.is_boolean: (True, False),
    pa.types.is_integer: (0, 1),
    pa.types.is_date: (0, -1),
    pa.types.is_timestamp: (1, 0),
    pa.types.is_string: ("", "\0"),
    pa.types.is_dictionary: ("ab", "ba"),
}


@given(data=st.data(), events=histories())
@examples(25)
def test_the_order_the_cut_and_the_encoding_of_events_do_not_matter(
    data: DataObject, events: list[Json]
) -> None:
    log = log_of(events)
    order = data.draw(st.permutations(range(len(log))))
    cut = data.draw(st.integers(0, len(log)))
    mixed = log.take(pa.array(order, pa.int64()))
    plain = mixed.slice(cut).cast(pa.schema([(f.name, plain_type(f.type)) for f in SCHEMA]))
    assert sum_of([mixed.slice(0, cut), plain]) == sum_of([log])


def plain_type(given: pa.DataType) -> pa.DataType:
    return given.value_type if pa.types.is_dictionary(given) else given


@given(data=st.data(), events=histories(), name=st.sampled_from(SUMMED))
@examples(60)
def test_another_value_of_any_event_is_another_sum(
    data: DataObject, events: list[Json], name: str
) -> None:
    log = log_of(events)
    row = data.draw(st.integers(0, len(log) - 1))
    values = log[name].cast(plain_type(SCHEMA.field(name).type)).combine_chunks()
    for value in values_of(SCHEMA.field(name).type):
        others = [values.slice(0, row), pa.array([value], values.type), values.slice(row + 1)]
        changed = pa.concat_arrays(others)
        place = log.schema.get_field_index(name)
        other = log.set_column(place, name, changed)
        assert (sum_of([other]) == sum_of([log])) == changed.equals(values)


def values_of(given: pa.DataType) -> list[object]:
    pairs = [pair for is_type, pair in CHANGED.items() if is_type(given)]
    return [None, *pairs[0]]


@pytest.mark.parametrize("name", ["source", "id"])
def test_what_stands_in_one_column_is_not_what_stands_in_another(name: str) -> None:
    """Values that two events exchange make two other events."""
    one, other = ({"source": f"s{n}", "id": f"i{n}"} for n in (1, 2))
    exchanged = {**one, name: other[name]}, {**other, name: one[name]}
    assert sum_of([table(one, other)]) != sum_of([table(*exchanged)])


def table(*rows: Json) -> pa.Table:
    return pa.Table.from_pylist([*rows], SCHEMA)


def test_nothing_has_the_sum_of_nothing() -> None:
    assert sum_of([]) == sum_of([SCHEMA.empty_table()]) == Sum(0, 0)

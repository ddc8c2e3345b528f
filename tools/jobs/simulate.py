"""Simulates a province into a file, with known faults if wanted, and lists what was planted."""

from collections.abc import Iterator
from typing import NamedTuple

from hoso.domain.calendar import day_number
from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.tools.inputs.yaml_files import read_yaml
from hoso.tools.output import csv
from hoso.tools.output.files import whole, write_lines
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.progress import with_progress
from hoso.tools.simulation.faults import Fault, FaultsError, Planted, Planting, parse_faults
from hoso.tools.simulation.history import simulate


class Wanted(NamedTuple):
    """What to simulate: how many dossiers, by which seed, on which days, with quality facts or
    without."""

    dossiers: int
    seed: int
    days: Window
    facts: bool


def province(wanted: Wanted, out: str) -> None:
    """Write the events of a province to a file. Raises ``UserError`` where it cannot be written."""
    _write(wanted, out, None)


def province_with_faults(wanted: Wanted, out: str, profile: str, listed: str) -> None:
    """Write the events of a province with the faults of a profile, a YAML file; and to the file
    ``listed``, as CSV, where they were planted.

    Raises ``UserError`` for a profile that is wrong, and for a file that cannot be written.
    """
    last = day_number(wanted.days.last)
    planting = Planting(_faults(profile), wanted.seed, calendar().days, last)
    with whole(listed) as file:
        _write(wanted, out, planting)
        rows: Iterator[tuple[str, ...]] = iter([Planted._fields, *planting.planted])
        file.writelines(csv.written(rows))


def _write(wanted: Wanted, out: str, planting: Planting | None) -> None:
    dossiers, seed, days, facts = wanted
    history = simulate(dossiers, seed, calendar().days, days, facts=facts, planting=planting)
    write_lines(out, with_progress(history, None, "Simulating"))


def _faults(name: str) -> list[Fault]:
    try:
        outline, tree = read_yaml(name)
    except OSError as error:
        raise UserError(f"--faults: {name}: {error.strerror}") from None
    try:
        return parse_faults(tree)
    except FaultsError as error:
        raise outline.fault(error.path, str(error)) from None

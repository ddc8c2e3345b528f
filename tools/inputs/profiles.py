"""By which rules is a report scored or folded, and what was entered? Files of people, or our own.

A profile is named (``national``) or a YAML file of somebody's own.
"""

import csv
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

from hoso.domain.errors import UserError
from hoso.projections.reports.folding import Folding, parse_folding
from hoso.projections.reports.inputs import (
    Catalogue,
    Inputs,
    parse_catalogue,
    parse_input_rows,
    parse_inputs,
)
from hoso.projections.reports.profiles import (
    IndexProfile,
    ScorecardProfile,
    parse_index_profile,
    parse_scorecard_profile,
)
from hoso.tools.inputs.csv_tables import text_of
from hoso.tools.inputs.yaml_files import read_yaml

T = TypeVar("T")
OURS: Final = resources.files("hoso.projections.reports") / "profiles"
MOST_BYTES: Final = 50_000_000
YAML: Final = (".yaml", ".yml")


def fold_by(name: str) -> Folding:
    """The folding of a name, or of a file. Raises ``UserError``."""
    return _profile("--folding", "folding", name, parse_folding)


def index_by(name: str) -> IndexProfile:
    """The profile of the index of a name, or of a file. Raises ``UserError``."""
    return _profile("--index-profile", "index766", name, parse_index_profile)


def scorecard_by(name: str) -> ScorecardProfile:
    """The profile of the scorecard of a name, or of a file. Raises ``UserError``."""
    return _profile("--scorecard-profile", "scorecard", name, parse_scorecard_profile)


def _profile(option: str, kind: str, name: str, read: Callable[[str, object], T]) -> T:
    if Path(name).suffix in YAML:
        return _told(name, option, lambda: read(name, read_yaml(name).tree))
    ours = OURS / f"{kind}-{name}.yaml"
    if not ours.is_file():
        names = [each.name for each in OURS.iterdir() if each.name.startswith(f"{kind}-")]
        known = ", ".join(sorted(n.removeprefix(f"{kind}-").removesuffix(".yaml") for n in names))
        raise UserError(
            f"{option}: no profile {name[:80]!r}: use {known}, or a file of your own, .yaml"
        )
    with resources.as_file(ours) as place:
        return read(place.name, read_yaml(str(place)).tree)


def entered(name: str | None) -> Inputs:
    """What was entered beside the events: a YAML or a CSV file; nothing where there is none.

    Raises ``UserError``.
    """
    if name is None:
        return Inputs()
    if Path(name).suffix in YAML:
        return _told(name, "--inputs", lambda: parse_inputs(name, read_yaml(name).tree))
    return _told(name, "--inputs", lambda: parse_input_rows(name, _rows(name)))


def procedures(name: str | None) -> Catalogue:
    """The catalogue of procedures of a CSV file; empty where there is none. Raises ``UserError``."""
    if name is None:
        return Catalogue({})
    return _told(name, "--procedures", lambda: parse_catalogue(name, _rows(name)))


def _rows(name: str) -> list[dict[str, Any]]:
    text = text_of(Path(name), MOST_BYTES)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter, restval=""))
    if not rows:
        raise ValueError(f"{name}: has no rows; write headings, and a row for each")
    return rows


def _told(name: str, option: str, read: Callable[[], T]) -> T:
    """What is read; what is wrong with it is told in one line."""
    try:
        return read()
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise UserError(str(error)) from None

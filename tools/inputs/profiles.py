"""Reads what reports are made with: folding and scoring profiles, entered data, procedures.

A profile is one of hoso's own, given by its name (``national``), or a YAML file.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

from hoso.domain.errors import UserError
from hoso.projections.reports.basis.inputs import (
    Catalogue,
    Inputs,
    parse_catalogue,
    parse_input_rows,
    parse_inputs,
)
from hoso.projections.reports.evaluation.profiles import (
    IndexProfile,
    ScorecardProfile,
    parse_index_profile,
    parse_scorecard_profile,
)
from hoso.projections.reports.forms.folding import Folding, parse_folding
from hoso.tools.inputs.csv_files import MAX_BYTES, csv_table
from hoso.tools.inputs.text_files import read_option_text
from hoso.tools.inputs.yaml_files import read_yaml

Profile = TypeVar("Profile")
OWN_PROFILES: Final = resources.files("hoso.projections.reports") / "profiles"
YAML_ENDINGS: Final = (".yaml", ".yml")


def fold_by(name: str) -> Folding:
    """The folding profile of a name or a file. Raises ``UserError``."""
    return _profile("--folding", "folding", name, parse_folding)


def index_by(name: str) -> IndexProfile:
    """The profile of the index, of a name or a file. Raises ``UserError``."""
    return _profile("--index-profile", "index766", name, parse_index_profile)


def scorecard_by(name: str) -> ScorecardProfile:
    """The profile of the scorecard, of a name or a file. Raises ``UserError``."""
    return _profile("--scorecard-profile", "scorecard", name, parse_scorecard_profile)


def entered(name: str | None) -> Inputs:
    """What people entered beside the events, from a YAML or a CSV file; nothing for None.

    Raises ``UserError``.
    """
    if name is None:
        return Inputs()
    if Path(name).suffix in YAML_ENDINGS:
        return _from_yaml("--inputs", name, parse_inputs)
    return _from_csv("--inputs", name, parse_input_rows)


def procedures(name: str | None) -> Catalogue:
    """The catalogue of procedures in a CSV file; an empty one for None. Raises ``UserError``."""
    return Catalogue({}) if name is None else _from_csv("--procedures", name, parse_catalogue)


def _profile(option: str, kind: str, name: str, parse: Callable[[str, object], Profile]) -> Profile:
    if Path(name).suffix in YAML_ENDINGS:
        return _from_yaml(option, name, parse)
    own: Profile = _own_profile(option, kind, name, parse)
    return own


@cache
def _own_profile(
    option: str, kind: str, name: str, parse: Callable[[str, object], Profile]
) -> Profile:
    own = OWN_PROFILES / f"{kind}-{name}.yaml"
    if not own.is_file():
        files = [file.name for file in OWN_PROFILES.iterdir() if file.name.startswith(f"{kind}-")]
        names = sorted(f.removeprefix(f"{kind}-").removesuffix(".yaml") for f in files)
        raise UserError(
            f"{option}: no profile {name[:80]!r}: use {', '.join(names)}, or a file of your own, "
            ".yaml"
        )
    with resources.as_file(own) as file:
        return parse(file.name, read_yaml(str(file)).tree)


def _from_yaml(option: str, name: str, parse: Callable[[str, object], Profile]) -> Profile:
    try:
        return parse(name, read_yaml(name).tree)
    except OSError as error:
        raise UserError(f"{option}: {name}: {error.strerror}") from None
    except ValueError as error:
        raise UserError(str(error)) from None


def _from_csv(
    option: str, name: str, parse: Callable[[str, list[dict[str, str]]], Profile]
) -> Profile:
    text = read_option_text(option, name, MAX_BYTES)
    try:
        return parse(name, list(_lines(name, text)))
    except ValueError as error:
        raise UserError(str(error)) from None


def _lines(name: str, text: str) -> Iterator[dict[str, str]]:
    """The values of each line from the second on, by their headings. Lines without a row are blank,
    as the caller counts them."""
    (_, last, headings), rows, _ = csv_table(name, text)
    blank = dict.fromkeys(headings, "")
    for heading in filter(None, headings):
        if headings.count(heading) > 1:
            raise UserError(f"{name}:{last}: {heading[:60]!r} is given twice: leave one out")
    yield from [blank] * (last - 1)
    empty = True
    for row in rows:
        yield from [blank] * (row.line - last - 1)
        yield dict(zip(headings, row.values, strict=True))
        last, empty = row.line, False
    if empty:
        raise UserError(f"{name}: has no rows; write headings, and a row for each")

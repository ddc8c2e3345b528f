"""Reads the checks of integrity: hoso's own, perhaps with the thresholds of a profile."""

from functools import cache
from importlib import resources
from typing import Final

from hoso.domain.errors import UserError
from hoso.projections.integrity.checks import (
    Checks,
    InvalidProfile,
    parse_checks,
    with_thresholds,
)
from hoso.projections.kernels.checks import CHECKS
from hoso.tools.inputs.yaml_files import read_yaml

OPTION: Final = "--profile"
OWN: Final = resources.files("hoso.projections.integrity") / "checks.yaml"


def checks_by(profile: str | None) -> Checks:
    """The checks, with the thresholds that a YAML file gives. Raises ``UserError``."""
    if profile is None:
        return _own()
    try:
        outline, tree = read_yaml(profile)
    except OSError as error:
        raise UserError(f"{OPTION}: {profile}: {error.strerror}") from None
    try:
        return with_thresholds(_own(), tree)
    except InvalidProfile as error:
        raise outline.fault(error.path, str(error)) from None


@cache
def _own() -> Checks:
    with resources.as_file(OWN) as file:
        return parse_checks(read_yaml(str(file)).tree)


def check_named(name: str) -> str:
    """The name of a check. Raises ``UserError`` for one that there is not."""
    if name not in CHECKS:
        raise UserError(f"--check: no check {name[:40]!r}: use {', '.join(CHECKS)}")
    return name

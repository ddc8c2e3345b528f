"""Says what texts of options and of addresses mean: windows, slices, rules, days, instants.

Commands read the values of their options here, pages the parameters of their addresses. A text
that means nothing is reported in one line, as a ``UserError`` that names the option.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from hoso.domain.errors import UserError

if TYPE_CHECKING:
    from datetime import date, datetime

    from hoso.domain.policy import Policy
    from hoso.domain.windows import Window

Choice = TypeVar("Choice", bound=StrEnum)

# For how many working days ahead ``hoso due`` lists what falls due: a week; a year at most.
WITHIN: Final = 5
MOST_WITHIN: Final = 250


class AfterSupplement(StrEnum):
    restart = "restart"
    extend = "extend"


class Reschedule(StrEnum):
    keep_original = "keep_original"
    accept_once = "accept_once"


class Attribution(StrEnum):
    held = "held"
    final = "final"


class RollUp(StrEnum):
    then = "then"
    now = "now"


def window(first: str | None, last: str | None, name: str | None) -> "Window":
    """The window that --from and --to, or --window, name. Raises ``UserError``."""
    from hoso.domain import windows

    if (name is None) == (first is None) or (first is None) != (last is None):
        raise UserError("which window? give --from and --to, or --window")
    try:
        if name is not None:
            return windows.named_window(name)
        return windows.window(windows.parse_day(str(first)), windows.parse_day(str(last)))
    except ValueError as error:
        option = "--window" if name is not None else "--from/--to"
        raise UserError(f"{option}: {error}") from None


def windows(
    first: str | None, last: str | None, names: list[str], file: str | None
) -> list["Window"]:
    """The windows that options and a file name. Raises ``UserError`` where there is no window."""
    if first is None and last is None and (names or file is not None):
        found = [window(None, None, name) for name in names]
    else:
        found = [window(first, last, names[0] if names else None)]
    if file is not None:
        from hoso.tools.inputs.scenarios import windows_in

        found += windows_in(file)
    return found


def policies(given: "Policy", file: str | None) -> list["Policy"]:
    """The policies of a file, or else the one that options give. Raises ``UserError`` for both."""
    if file is None:
        return [given]
    if given != type(given)():
        raise UserError(
            "--policies: the file gives the rules; leave the other options of rules out"
        )
    from hoso.tools.inputs.scenarios import policies_in

    return policies_in(file)


def dimensions(by: str) -> list[str]:
    """The dimensions that --by names. Raises ``UserError``."""
    chosen = [_dimension("--by", name.strip()) for name in by.split(",") if name.strip()]
    if len(set(chosen)) < len(chosen):
        raise UserError(f"--by: {by!r} names a dimension twice")
    return chosen


def _dimension(option: str, name: str) -> str:
    from hoso.projections.ledger.slices import DIMENSIONS

    if name not in DIMENSIONS:
        raise UserError(f"{option}: no dimension {name!r}: use {', '.join(DIMENSIONS)}")
    return name


def slices(pairs: list[str]) -> dict[str, list[str | None]]:
    """The slices that --slice names: for each dimension, the values it may have.

    Raises ``UserError``.
    """
    chosen: dict[str, list[str | None]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f"--slice: {pair!r} is no slice; write channel=online")
        chosen.setdefault(_dimension("--slice", name), []).append(_value(name, value))
    return chosen


def _value(dimension: str, value: str) -> str | None:
    """A value of a dimension; None where it is empty. Raises ``UserError`` for one that no dossier
    can have."""
    from hoso.projections.documents.figures import VALUES

    known = VALUES.get(dimension, {})
    if value and known and value not in known:
        raise UserError(f"--slice: no {dimension} {value!r}: use {', '.join(known)}")
    return value or None


def policy(
    law: str | None,
    law_as_of: str | None,
    limit: int | None,
    after: AfterSupplement | None,
    reschedule: Reschedule | None,
    pins: list[str] | None,
) -> "Policy":
    """The policy that options make. Raises ``UserError`` for a law, a day or a pin that is none."""
    from hoso.tools.inputs.laws import law_settings, policy_of

    settings = law_settings(law)
    if law_as_of is not None:
        settings["law_as_of"] = day("--law-as-of", law_as_of)
    flags = {"supplement_limit": limit, "after_supplement": after, "reschedule": reschedule}
    pinned = {name: str(value) for name, value in flags.items() if value is not None}
    for pair in pins or []:
        name, value = _pin(pair)
        if name in pinned:
            raise UserError(f"--pin: {name} is pinned twice: leave one out")
        pinned[name] = value
    try:
        return policy_of(settings | pinned)
    except UserError:
        raise
    except ValueError as error:
        raise UserError(f"--pin: {error}") from None


def _pin(pair: str) -> tuple[str, str]:
    """A parameter and its value. Raises ``UserError``."""
    from hoso.domain.policy import PINNABLE

    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not value:
        raise UserError(f"--pin: {pair!r} pins nothing; write reschedule_notice=2")
    if name not in PINNABLE:
        raise UserError(f"--pin: no parameter {name!r}: use {', '.join(PINNABLE)}")
    return name, value


def day(option: str, text: str) -> "date":
    """The day that an option names. Raises ``UserError``."""
    from hoso.domain.windows import parse_day

    try:
        return parse_day(text)
    except ValueError as error:
        raise UserError(f"{option}: {error}") from None


def day_or_today(option: str, text: str | None) -> "date":
    """The day that an option names, within the years of windows; today at the office without one.

    Raises ``UserError``.
    """
    from hoso.domain.calendar import local_date
    from hoso.domain.windows import parse_day, window
    from hoso.tools.runtime import environment

    if text is None:
        return local_date(environment.now(), environment.zone())
    try:
        named = parse_day(text)
        return window(named, named).first
    except ValueError as error:
        raise UserError(f"{option}: {error}") from None


def instant(text: str) -> "datetime":
    """The instant that --as-of names, in UTC; of a day, its end at the office.

    Raises ``UserError``.
    """
    from datetime import UTC, datetime

    import orjson
    from pydantic import TypeAdapter, ValidationError

    from hoso.domain.calendar import end_of_day
    from hoso.domain.events import Instant
    from hoso.domain.windows import parse_day
    from hoso.tools.runtime import environment

    try:
        return end_of_day(parse_day(text), environment.zone())
    except (ValueError, OverflowError):
        pass  # no day: an instant
    try:
        found: datetime = TypeAdapter(Instant).validate_json(orjson.dumps(text))
        return found.astimezone(UTC)
    except (ValidationError, OverflowError, orjson.JSONEncodeError):
        raise UserError(
            f"--as-of: no instant {text!r}: write 2023-03-20T17:00:00+07:00, with the offset, or "
            "a day, 2023-03-20, for the end of it"
        ) from None


def one_of(choices: type[Choice], option: str, text: str | None) -> Choice | None:
    """The choice that a text names; None without one. Raises ``UserError``."""
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        known = ", ".join(choices)
        raise UserError(f"--{option}: no choice {text!r}: use {known}") from None


def number(option: str, text: str, least: int, most: int) -> int:
    """The whole number that an option names, from ``least`` to ``most``. Raises ``UserError``."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise UserError(f"{option}: no number {text!r}: use one from {least} to {most}")
    return int(text)

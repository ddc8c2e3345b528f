"""What do the options of a command mean? What is wrong in one is told here, in one line."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hoso.domain.errors import UserError
from hoso.tools.output import Paper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hoso.domain.policy import Policy
    from hoso.domain.windows import Window
    from hoso.projections.archive.manifest import MapBuckets
    from hoso.tools.sources.source import Source


class Language(StrEnum):
    events = "events"
    national = "national"


class Tongue(StrEnum):
    vi = "vi"
    en = "en"


class Engine(StrEnum):
    local = "local"
    spark = "spark"


class AfterSupplement(StrEnum):
    restart = "restart"
    extend = "extend"


class Reschedule(StrEnum):
    keep_original = "keep_original"
    accept_once = "accept_once"


SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="A file of events as JSON lines (- is standard input) or a store, "
        "sqlite:///FILE or postgresql://…, or an archive's folder. "
        "Default: $HOSO_STORE, or sqlite:///hoso.db.",
    ),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="First day: 2022-12-15 or 15/12/2022.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day, included.")]
WindowOption = Annotated[
    str | None,
    typer.Option("--window", help="2023-Q1, 2023-H1, 2023-9M, 2023 (from 15/12) or 2024-09."),
]
WindowsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--window",
        help="2023-Q1, 2023-H1, 2023-9M, 2023 (from 15/12) or 2024-09; several: a long table.",
    ),
]
WindowsFileOption = Annotated[
    str | None,
    typer.Option("--windows", help="A file of windows, one to a line: a name, or two days."),
]
PoliciesOption = Annotated[
    str | None,
    typer.Option(
        "--policies",
        help="A CSV file of what-if rules, one to a row: supplement_limit, after_supplement, "
        "reschedule.",
    ),
]
EngineOption = Annotated[Engine, typer.Option("--engine", help="Who folds an archive's buckets.")]
MasterOption = Annotated[
    str | None, typer.Option("--master", help="With --engine spark: spark://host:7077, local[*] …")
]
CacheOption = Annotated[
    bool, typer.Option("--cache/--no-cache", help="Start from the ledger kept last time.")
]
ByOption = Annotated[
    str,
    typer.Option("--by", help="Slices: agency, field, procedure, channel, level; a,b for both."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Only what was recorded by then: 2023-03-20T17:00:00+07:00."),
]
AfterSupplementOption = Annotated[
    AfterSupplement, typer.Option(help="The time runs anew in full, or goes on where it stopped.")
]
SupplementLimitOption = Annotated[
    int,
    typer.Option(min=0, max=1_000_000, help="More supplement requests than this count as overdue."),
]
RescheduleOption = Annotated[
    Reschedule, typer.Option(help="Whether the first new appointment moves the due day.")
]
PaperOption = Annotated[
    Paper | None,
    typer.Option("--format", help="How the output looks. Default: a table, or as --out ends."),
]
OutOption = Annotated[
    str | None,
    typer.Option("--out", help="A file; its ending says how it looks: .txt .json .csv .xlsx .html"),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="sqlite:///FILE or postgresql://…. Default: $HOSO_STORE, or sqlite:///hoso.db.",
    ),
]
LanguageOption = Annotated[
    Language,
    typer.Option("--format", help="events, or records of the national portal (docs/NATIONAL.md)."),
]
TongueOption = Annotated[Tongue, typer.Option("--lang", help="Of headings and prose.")]
RegistryOption = Annotated[
    str | None,
    typer.Option("--registry", help="The agencies: a CSV file code,name,level,parent."),
]
SkipRejectsOption = Annotated[
    bool, typer.Option("--skip-rejects", help="Leave out lines that are no events, and count them.")
]


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
    """The windows that options and a file name. Raises ``UserError`` where there is none."""
    if first is None and last is None and (names or file is not None):
        found = [window(None, None, name) for name in names]
    else:
        found = [window(first, last, names[0] if names else None)]
    if file is not None:
        from hoso.tools.inputs.scenarios import windows_in

        found += windows_in(file)
    return found


def policies(
    limit: int, after: AfterSupplement, reschedule: Reschedule, file: str | None
) -> list["Policy"]:
    """The policies that a file gives, or else options. Raises ``UserError`` where both do."""
    said = policy(limit, after, reschedule)
    if file is None:
        return [said]
    if said != type(said)():
        raise UserError(
            "--policies: the file gives the rules; leave the other options of rules out"
        )
    from hoso.tools.inputs.scenarios import policies_in

    return policies_in(file)


def dimensions(by: str) -> list[str]:
    """What --by names. Raises ``UserError``."""
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
    """What --slice names; a dimension given twice means either value. Raises ``UserError``."""
    chosen: dict[str, list[str | None]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f"--slice: {pair!r} is no slice; write channel=online")
        chosen.setdefault(_dimension("--slice", name), []).append(value or None)
    return chosen


def policy(limit: int, after: AfterSupplement, reschedule: Reschedule) -> "Policy":
    """The policy that options make."""
    from hoso.domain.policy import Policy

    return Policy(supplement_limit=limit, after_supplement=after.value, reschedule=reschedule.value)


def asked(
    sources: "Sequence[str] | None",
    as_of: str | None,
    *,
    skip_rejects: bool,
    policy: "Policy | None" = None,
    registry: str | None = None,
) -> tuple[str, ...]:
    """The options by which another command reads the same history, by the same rules."""
    from hoso.tools.output import calls
    from hoso.tools.runtime import environment

    return (
        *(word for name in sources or [environment.store_url()] for word in ("--source", name)),
        *(() if registry is None else ("--registry", registry)),
        *(() if as_of is None else ("--as-of", as_of)),
        *(() if policy is None else calls.rules(policy)),
        *(("--skip-rejects",) if skip_rejects else ()),
    )


def opened(
    names: "Sequence[str] | None",
    *,
    skip_rejects: bool = False,
    cache: bool = True,
    map_buckets: "MapBuckets | None" = None,
) -> "Source":
    """The source that --source names; the default store where it is not given."""
    from hoso.tools.runtime import environment
    from hoso.tools.sources.opening import open_source
    from hoso.tools.sources.source import Options

    how = Options(environment.zone(), skip_rejects, cache, map_buckets)
    return open_source(names or [environment.store_url()], how)


def instant(text: str) -> "datetime":
    """What --as-of names, in UTC. Raises ``UserError``."""
    from datetime import UTC

    import orjson
    from pydantic import TypeAdapter, ValidationError

    from hoso.domain.events import Instant

    try:
        instant: datetime = TypeAdapter(Instant).validate_json(orjson.dumps(text))
        return instant.astimezone(UTC)
    except (ValidationError, OverflowError, orjson.JSONEncodeError):
        raise UserError(
            f"--as-of: no instant {text!r}: write 2023-03-20T17:00:00+07:00, with the offset"
        ) from None

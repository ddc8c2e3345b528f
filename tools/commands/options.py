"""The options that several commands share, and what those of intake mean.

What options of figures mean, ``inputs.questions`` says. A value that is wrong is reported in one
line, as a ``UserError``.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hoso.domain.errors import UserError
from hoso.tools.inputs.questions import AfterSupplement, Attribution, Reschedule, RollUp
from hoso.tools.output import Paper
from hoso.tools.runtime.printable import say

if TYPE_CHECKING:
    from hoso.consumers.intake.national import Defaults

# The headings under which --help lists options.
HISTORY: Final = "History"
WINDOW: Final = "Window and slices"
RULES: Final = "Rules"
CHECKS: Final = "Checks"
OUTPUT: Final = "Output"


class Channel(StrEnum):
    online = "online"
    in_person = "in_person"
    post = "post"


class InputFormat(StrEnum):
    events = "events"
    national = "national"


class Recorded(StrEnum):
    now = "now"
    time = "time"


class Language(StrEnum):
    vi = "vi"
    en = "en"


class Engine(StrEnum):
    local = "local"
    spark = "spark"


SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        rich_help_panel=HISTORY,
        help="Where the events are: a file of JSON lines (- is standard input; .gz and .zst are "
        "read as well), a store (sqlite:///FILE or postgresql://…), an archive's folder, or "
        "exported ledgers (*.ledger). Given several times: their ledgers add up. Default: "
        "$HOSO_STORE, or sqlite:///hoso.db.",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        help="The store: sqlite:///FILE or postgresql://…. "
        "Default: $HOSO_STORE, or sqlite:///hoso.db.",
    ),
]
ServersOption = Annotated[
    str,
    typer.Option(
        "--bootstrap-servers",
        metavar="HOST:PORT,…",
        help="One or more of Kafka's brokers.",
    ),
]
MetricsPortOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        metavar="PORT",
        help="Serve /metrics (for Prometheus) and /health on this port.",
    ),
]
MetricsHostOption = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="The address to serve them on. Whoever reaches it can read them: 0.0.0.0 is all.",
    ),
]
GroupOption = Annotated[
    str,
    typer.Option(metavar="NAME", help="Consumers of one group share the topic's partitions."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="Count only what had been recorded by then: 2023-03-20T17:00:00+07:00, or a day, for "
        "the end of it. Default: everything.",
        rich_help_panel=HISTORY,
    ),
]
SkipRejectsOption = Annotated[
    bool,
    typer.Option(
        "--skip-rejects",
        help="Leave out the lines of a file that are not valid events, and count them. "
        "Default: stop at the first one.",
        rich_help_panel=HISTORY,
    ),
]
CacheOption = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache",
        help="Start from the balances kept by an earlier command, or fold all events again.",
        rich_help_panel=HISTORY,
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="Where an archive is folded: on this machine, or on a Spark cluster.",
        rich_help_panel=HISTORY,
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="The Spark cluster, with --engine spark: spark://host:7077, local[*] …",
        rich_help_panel=HISTORY,
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DAY",
        help="The first day of the window: 2022-12-15 or 15/12/2022.",
        rich_help_panel=WINDOW,
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DAY",
        help="The last day of the window. It is included.",
        rich_help_panel=WINDOW,
    ),
]
NAMED_WINDOWS: Final = (
    "2023-Q1, 2023-M10 (15/09 to 14/10), 2023-H1, 2023-9M or 2023, which follow the reporting year "
    "(15/12 to 14/12); or by the calendar, 2024-09 or 2024-C3. Also quý 1/2023, tháng 10/2023 …"
)
WindowOption = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="WINDOW",
        help=f"The window by its name: {NAMED_WINDOWS}",
        rich_help_panel=WINDOW,
    ),
]
WindowsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--window",
        metavar="WINDOW",
        help=f"The window by its name: {NAMED_WINDOWS} Given several times: one long table.",
        rich_help_panel=WINDOW,
    ),
]
WindowsFileOption = Annotated[
    str | None,
    typer.Option(
        "--windows",
        metavar="FILE",
        help="A file with a window on each line: its name, or its first and its last day.",
        rich_help_panel=WINDOW,
    ),
]
ByOption = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="DIMENSION,…",
        help="Split the figures by these: agency, field, procedure, channel, level, "
        "online_service, received_at.",
        rich_help_panel=WINDOW,
    ),
]
SliceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--slice",
        metavar="DIMENSION=VALUE",
        help="Only dossiers of this slice: channel=online. Given twice: of either value.",
        rich_help_panel=WINDOW,
    ),
]
UnderOption = Annotated[
    str | None,
    typer.Option(
        "--under",
        metavar="CODE",
        help="Only dossiers of this agency of the registry, and of all that are under it.",
        rich_help_panel=WINDOW,
    ),
]
AttributionOption = Annotated[
    Attribution,
    typer.Option(
        help="Where another agency became competent, a figure counts where the dossier stood that "
        "day (held), or all of them where it stands at the end of the window (final).",
        rich_help_panel=WINDOW,
    ),
]
LawOption = Annotated[
    str | None,
    typer.Option(
        "--law",
        metavar="LAW",
        help="By which law: in_force (the default: each event by the law of its own day), "
        "nd61-2018, nd118-2025, nd309-2026, portal-2026, or a CSV file of provisions.",
        rich_help_panel=RULES,
    ),
]
LawAsOfOption = Annotated[
    str | None,
    typer.Option(
        "--law-as-of",
        metavar="DAY",
        help="Know only the law and the days off that had been published by this day.",
        rich_help_panel=RULES,
    ),
]
AfterSupplementOption = Annotated[
    AfterSupplement | None,
    typer.Option(
        help="Pin: when a supplement comes in, the time allowed begins again in full, or goes on "
        "where it stopped.",
        rich_help_panel=RULES,
    ),
]
SupplementLimitOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=1_000_000,
        metavar="NUMBER",
        help="Pin: a dossier with more supplement requests than this counts as overdue.",
        rich_help_panel=RULES,
    ),
]
RescheduleOption = Annotated[
    Reschedule | None,
    typer.Option(
        help="Pin: a new appointment never moves the due day, or the first one does if it came in "
        "time.",
        rich_help_panel=RULES,
    ),
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pin",
        metavar="PARAMETER=VALUE",
        help="Pin any parameter that the rules read (hoso law lists them): reschedule_notice=2, "
        "arrival_starts_clock=no. A reschedule_notice of -1: no notice is asked for.",
        rich_help_panel=RULES,
    ),
]
PoliciesOption = Annotated[
    str | None,
    typer.Option(
        "--policies",
        metavar="FILE",
        help="A CSV file with a set of rules on each row; its columns are law, law_as_of, and the "
        "parameters that --pin takes.",
        rich_help_panel=RULES,
    ),
]
PaperOption = Annotated[
    Paper | None,
    typer.Option(
        "--format",
        help="How the output looks. Default: a table, or as the ending of --out says.",
        rich_help_panel=OUTPUT,
    ),
]
OutOption = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="The file to write; its ending says how: .txt .json .csv .xlsx .html .docx .arrow.",
        rich_help_panel=OUTPUT,
    ),
]
CheckProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="FILE",
        help="Other thresholds: a YAML file, paused_on_due_day: {working_days_before: 2}.",
        rich_help_panel=CHECKS,
    ),
]
CatalogueOption = Annotated[
    str | None,
    typer.Option(
        "--procedures",
        metavar="FILE",
        help="The catalogue of procedures, a CSV procedure,allowance,unit: for the check "
        "allowance_differs.",
        rich_help_panel=CHECKS,
    ),
]
RegistryOption = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="FILE",
        help="The agencies and who is under whom: a CSV file, code,name,level,parent, and if they "
        "have dates valid_from,valid_to,successor.",
        rich_help_panel=HISTORY,
    ),
]
RollUpOption = Annotated[
    RollUp,
    typer.Option(
        "--roll-up",
        "--structure",
        help="The agencies of the registry as they stand at the end of the window (then), or today "
        "(now). One that has ended counts in its successor.",
        rich_help_panel=HISTORY,
    ),
]
AgainstOption = Annotated[
    Path | None,
    typer.Option(
        "--against",
        metavar="FOLDER",
        help="Beside a release of it: what was released, what it is now, the difference.",
        rich_help_panel=OUTPUT,
    ),
]
LanguageOption = Annotated[
    Language,
    typer.Option(
        "--lang",
        help="The language of headings and texts, and of messages. Without it, messages are in "
        "that of the locale (LC_ALL, LC_MESSAGES, LANG).",
        rich_help_panel=OUTPUT,
    ),
]
OwnLanguageOption = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        help="The language of messages and help. Default: that of the locale (LC_ALL, LC_MESSAGES, "
        "LANG).",
    ),
]
InputFormatOption = Annotated[
    InputFormat | None,
    typer.Option(
        "--from-format",
        help="What the input holds: events (CloudEvents, the default), or records as they are sent "
        "to the national portal.",
    ),
]
RecordedOption = Annotated[
    Recorded,
    typer.Option(
        "--recorded",
        help="When an event counts as recorded that does not say so itself: now; or time, when it "
        "occurred, for a history from before.",
    ),
]
KeepRawOption = Annotated[
    bool,
    typer.Option(
        "--keep-raw",
        help="Keep rejects as they came, personal data included, to be mended here. Without it, "
        "values that are no listed attribute are blanked.",
    ),
]
ChannelOption = Annotated[
    Channel | None,
    typer.Option(
        "--channel",
        help="The channel of records of the national portal that do not say theirs.",
    ),
]
AllowancesOption = Annotated[
    str | None,
    typer.Option(
        "--procedures",
        metavar="FILE",
        help="A CSV procedure,allowance,unit: the time of records of the national portal that have "
        "no due day.",
    ),
]
OldInputFormatOption = Annotated[InputFormat | None, typer.Option("--format", hidden=True)]


def input_format(chosen: InputFormat | None, old_spelling: InputFormat | None) -> InputFormat:
    """What the input holds, by --from-format, or by --format as it was written before.

    Raises ``UserError`` where both are given.
    """
    if old_spelling is None:
        return chosen or InputFormat.events
    if chosen is not None:
        raise UserError("--format: is --from-format under its old name: leave it out")
    notice = f"--format {old_spelling} is written --from-format {old_spelling} now"
    say(f"hoso: {notice}; the old spelling still works", err=True)
    return old_spelling


def national_defaults(channel: Channel | None, procedures: str | None) -> "Defaults":
    """What records of the national portal may lack. Raises ``UserError`` for a file that is no
    catalogue with allowances."""
    from hoso.consumers.intake.national import CHANNELS, Defaults  # here, as figures need it not
    from hoso.tools.inputs.allowances import allowances

    number = next((number for number, name in CHANNELS.items() if name == channel), None)
    return Defaults(number, {} if procedures is None else allowances(procedures))


def as_occurred(recorded: Recorded) -> bool:
    """Whether events count as recorded when they occurred; says so where they do."""
    if recorded is Recorded.now:
        return False
    say("--recorded time: events without recordedtime count as recorded when they occurred")
    return True


def keeps_raw(keep_raw: bool) -> bool:
    """Whether rejects are kept as they came; warns where they are."""
    if keep_raw:
        warning = "rejects are kept as they came, with any personal data in them"
        say(f"hoso: --keep-raw: {warning}; hoso rejects drop removes them", err=True)
    return keep_raw

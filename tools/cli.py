"""The ``hoso`` command line: its commands, and how what goes wrong is reported.

Exit status: 0 done; 1 done, and something was found; 2 the call or its input is wrong, with one
line that says what and where; 130 interrupted. Each command imports heavy packages by itself.
"""

import os
import sys
from pathlib import Path
from traceback import extract_tb, print_exception
from typing import Final

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import (
    archive,
    audit,
    cache,
    compare,
    due,
    erase,
    figures,
    follow,
    import_,
    intake,
    integrity,
    law,
    ledger,
    proofs,
    publish,
    rejects,
    release,
    report,
    revisions,
    serve,
    status,
    trials,
    users,
    vintages,
    windows,
)
from hoso.tools.commands.parser import Command, CommandGroup
from hoso.tools.runtime import process, translation
from hoso.tools.runtime.printable import say

NAME: Final = "hoso"
COMMANDS: Final = {  # by task, as ``hoso --help`` lists them
    "Pages": (serve.serve,),
    "Figures": (
        figures.statement,
        figures.dossiers,
        due.due,
        figures.explain,
        figures.register,
        compare.compare,
        vintages.vintages,
        law.law,
    ),
    "Reports": (windows.windows, report.report, integrity.integrity, audit.audit),
    "Releases": (release.release, release.releases, revisions.revisions),
    "Intake and Kafka": (
        publish.check,
        import_.import_,
        intake.ingest,
        publish.publish,
        intake.consume,
    ),
    "Proof": (proofs.key, proofs.checkpoint, proofs.verify),
    "Archive and operation": (
        archive.archive,
        follow.follow,
        status.status,
        cache.cache,
        erase.erase,
    ),
    "Trying out": (trials.demo, trials.simulate),
}
# Completion in a shell: typer answers these itself, and ends the process.
COMPLETION: Final = ("--install-completion", "--show-completion")
COMPLETION_VARIABLE: Final = "_HOSO_COMPLETE"

app = typer.Typer(
    name=NAME,
    cls=CommandGroup,
    help="Keep administrative dossiers (hồ sơ) as a ledger, and state an office's figures from it.",
    epilog="hoso COMMAND --help explains a command. To begin: hoso demo.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for task, commands in COMMANDS.items():
    for command in commands:
        name = command.__name__.strip("_")  # import is a word of Python's
        app.command(name, cls=Command, rich_help_panel=task)(command)
app.add_typer(rejects.app, rich_help_panel="Intake and Kafka")
app.add_typer(ledger.app, rich_help_panel="Archive and operation")
app.add_typer(users.app, rich_help_panel="Pages")


def main() -> None:
    """Run the command line, report in one line what goes wrong, and exit.

    A reader who stops reading the output (``| head``) does no wrong: status 0.
    """
    process.set_up()
    translation.choose(sys.argv[1:], os.environ)
    if not _is_completion():
        _leave_out_all_but(*sys.argv[1:2])
    status = 2
    try:
        with process.Interruptible():
            ended = app(sys.argv[1:] or ["--help"], prog_name=NAME, standalone_mode=False)
            sys.stdout.flush()
            status = ended  # now that all is written: a full disk is a failure
    except BaseException as error:
        if _reader_left(error):
            status = 0
        elif isinstance(error, SystemExit) and _is_completion():
            raise
        elif not process.was_interrupted():
            _report(error)
        process.drop_output()
    process.finish(status)


def _leave_out_all_but(first_word: str = "") -> None:
    """Have typer make no parser for other commands, where the first word names one: they take
    longer than to answer from kept balance sheets."""
    named = [command for command in app.registered_commands if command.name == first_word]
    if named:
        app.registered_commands, app.registered_groups = named, []
        app.callback()(_nothing)  # else typer takes the only command for the whole command line


def _nothing() -> None:
    """Do nothing before a command."""


def _reader_left(error: BaseException | None) -> bool:
    """Whether a broken pipe is behind an exception: typer and rich make ``SystemExit`` of it."""
    while error is not None and not isinstance(error, BrokenPipeError):
        error = error.__context__
    return error is not None


def _is_completion() -> bool:
    return COMPLETION_VARIABLE in os.environ or not {*sys.argv[1:]}.isdisjoint(COMPLETION)


def _report(error: BaseException) -> None:
    """Write what went wrong to standard error, in one line; with ``HOSO_DEBUG``, where as well."""
    if os.environ.get("HOSO_DEBUG"):
        print_exception(error)
    say(f"{NAME}: {' '.join(_message(error).split())}", err=True)


def _message(error: BaseException) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror}"
    if (message := getattr(error, "format_message", None)) is not None:
        return f"{translation.translated(message())} (hoso --help)"
    frame = extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    kind = type(error).__name__
    return f"a fault of hoso's own, in {place}: {kind}: {error} (HOSO_DEBUG=1 shows the traceback)"

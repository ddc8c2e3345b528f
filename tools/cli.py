"""What can a person ask? The ``hoso`` command line (contract, section 8).

Exit status: 0 done; 1 done, and something was found; 2 the call or its input is wrong, with one
line that says what and where. Heavy packages are imported by the commands that need them.
"""

import gc
import os
import sys
from pathlib import Path
from traceback import extract_tb

import typer

from hoso.domain.errors import UserError
from hoso.tools.commands import (
    archive,
    audit,
    figures,
    intake,
    publish,
    rejects,
    report,
    status,
    trials,
)

app = typer.Typer(
    name="hoso",
    help="The life of administrative dossiers: from their events to the figures an office reports.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    figures.statement,
    figures.dossiers,
    figures.explain,
    figures.register,
    intake.ingest,
    intake.consume,
    archive.archive,
    report.report,
    audit.audit,
    publish.publish,
    publish.check,
    status.status,
    trials.simulate,
    trials.demo,
):
    app.command()(command)
app.add_typer(rejects.app)


def main() -> None:
    """Run the command line; whatever goes wrong becomes one line and exit status 2.

    Whoever stops reading the output (``| head``) does no wrong: 0. An interrupt: 130.
    """
    _make_streams_fit()
    # What is imported stays. To look for circles among that as often as Python does by itself is a
    # tenth of the time in which a command starts.
    gc.set_threshold(100_000)
    # Else room that arrays never write on takes memory, 2 MB at a time.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        with _WithoutPandas():
            status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the latter is what a broken pipe becomes in libraries
        _write_no_more()
        status = 0
    except KeyboardInterrupt:
        status = 130
    except Exception as error:
        sys.stderr.write(f"hoso: {' '.join(_told(error).split())}\n")
        _write_no_more()
        status = 2
    gc.freeze()  # all of it goes now: there is no use in looking for circles first, for 0.15 s
    sys.exit(status)


class _WithoutPandas:
    """No command needs it, but where it is installed pyarrow would spend half a second on it."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Tells that it is not there."""
        if name == "pandas":
            raise ModuleNotFoundError("no command needs pandas", name=name)

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)


def _make_streams_fit() -> None:
    """UTF-8 whatever the locale; and somewhere to write to, where a stream was closed."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _told(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror}"
    if (told := getattr(error, "format_message", None)) is not None:
        return f"{told()} (hoso --help)"
    frame = extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"a fault of hoso's own, in {place}: {type(error).__name__}: {error}"


def _write_no_more() -> None:
    """What is not written yet is not to be, at exit either: nobody reads it, or it has no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

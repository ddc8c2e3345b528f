"""Starts the command line: the ``hoso`` script, and ``python -m hoso``.

From the first statement of ``main`` on, Ctrl-C ends the process without a traceback. Whatever takes
time to import is imported after that.
"""

# The part of ``signal`` that Python has loaded by now. The rest of it takes milliseconds.
import _signal  # type: ignore[import-not-found]


def main() -> None:
    """Run the command line and exit with its status."""
    exit_quietly()
    from hoso.tools.runtime import process

    process.exit_on_interrupt()
    from hoso.tools import cli

    cli.main()


def exit_quietly() -> None:
    """Let Ctrl-C end this process as it ends one that is not Python, unless it is ignored."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


if __name__ == "__main__":
    main()

"""Starts the command line: the ``hoso`` script, and ``python -m hoso``.

Ctrl-C ends the process without a traceback from the first statement of ``main`` on. Whatever takes
time to import is imported after that.
"""


def main() -> None:
    """Run the command line and exit with its status."""
    from hoso.tools.runtime import process

    process.exit_on_interrupt()
    from hoso.tools import cli

    cli.main()


if __name__ == "__main__":
    main()

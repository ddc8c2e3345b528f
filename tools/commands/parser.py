"""Reads the words of a command and prints its help: what typer does, and what hoso adds to it.

An option that has one value is refused when it is given twice: typer would drop the first value.
Help lists commands by task and options by what they choose, with names for values (``DAY``) instead
of types. It is printed without rich, which takes longer to import than most commands to run.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

from hoso.domain.errors import UserError

HelpEntry = tuple[str, str]  # a name, and what it means


class _OneValue:
    """A command, or a group of them, whose options are refused when repeated without effect."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of a command line. Raises ``UserError`` for an option given twice."""
        if not ctx.resilient_parsing:  # where a shell completes words, nothing is refused
            _, _, given = self.make_parser(ctx).parse_args(args=[*args])  # type: ignore[attr-defined]
            _check_given_once(given)
        return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]


def _check_given_once(given: Sequence[Any]) -> None:
    """Raise ``UserError`` for the first option that is given twice and has one value only."""
    for option, times in Counter(given).items():
        if times > 1 and option.param_type_name == "option" and not option.multiple:
            name = " / ".join([*option.opts, *option.secondary_opts])
            raise UserError(f"{name}: is given {times} times: give it once")


class Command(_OneValue, TyperCommand):
    """A command, with its help."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options under the headings that they name."""
        sections: dict[str, list[HelpEntry]] = {}
        parameter: Any
        for parameter in self.get_params(ctx):
            if parameter.param_type_name == "argument":
                entry: HelpEntry | None = (parameter.display_name_raw, parameter.help or "")
                heading = "Arguments"
            else:
                entry = parameter.get_help_record(ctx)
                heading = parameter.rich_help_panel or "Options"
            if entry is not None:
                sections.setdefault(heading, []).append(entry)
        _write(formatter, sections.items())


class CommandGroup(_OneValue, TyperGroup):
    """Commands under one name, listed by task."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does, under the headings of their tasks."""
        sections: dict[str, list[HelpEntry]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            if not command.hidden:
                summary = (command.help or "").partition("\n\n")[0]
                task = command.rich_help_panel or "Commands"
                sections.setdefault(task, []).append((name, summary))
        _write(formatter, sections.items())


def _write(formatter: Any, sections: Iterable[tuple[str, Sequence[HelpEntry]]]) -> None:
    for heading, entries in sections:
        with formatter.section(heading):
            formatter.write_dl(entries)

"""Reads the words of a command and prints its help: what typer does, and what hoso adds to it.

An option that has one value is refused when it is given twice: typer would drop the first value.
Help lists commands by task and options by what they choose, with names for values (``DAY``) instead
of types. It is printed without rich, which takes longer to import than most commands to run.

Every command has ``--lang``, and help is printed in the language of the process: here, all of it is
translated.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from hoso.domain.errors import UserError
from hoso.projections.federation import SUFFIX
from hoso.tools.commands.options import OwnLanguageOption
from hoso.tools.runtime.translation import OPTION, translated

HelpEntry = tuple[str, str]  # a name, and what it means
SOURCE: Final = "--source"
METAVAR: Final = re.compile(r"[A-Z]{3,}")  # the name of a value: FILE


class _InOneLanguage:
    """A command, or a group of them, with ``--lang``, and with help in one language."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters: ``--lang`` stands before ``--help`` where the command has none itself."""
        *own, shown = super().get_params(ctx)  # type: ignore[misc]
        if any(OPTION in parameter.opts for parameter in own):
            return [*own, shown]
        return [*own, _language_option(), shown]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of a command line. Raises ``UserError`` for an option given twice."""
        if not ctx.resilient_parsing:  # where a shell completes words, nothing is refused
            _, _, given = self.make_parser(ctx).parse_args(args=[*args])  # type: ignore[attr-defined]
            _check_given_once(given)
        return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how the command is called."""
        words = _with_names(" ".join(self.collect_usage_pieces(ctx)))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, words, prefix=translated("Usage: "))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("\n\n".join(map(translated, paragraphs(self.help))))  # type: ignore[attr-defined]

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

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write what stands below."""
        for paragraph in paragraphs(self.epilog):  # type: ignore[attr-defined]
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(_with_names(translated(paragraph)))


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in (text or "").split("\n\n") if paragraph]


@cache
def _language_option() -> Any:
    """The option ``--lang`` of a command that prints no document; the command does not see it."""

    def speak(language: OwnLanguageOption = None) -> None:
        """Have one option."""

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(speak)
    [option] = typer.main.get_command(app).params
    option.expose_value = False
    return option


def _check_given_once(given: Sequence[Any]) -> None:
    """Raise ``UserError`` for the first option that is given twice and has one value only."""
    for option, times in Counter(given).items():
        if times > 1 and option.param_type_name == "option" and not option.multiple:
            name = " / ".join([*option.opts, *option.secondary_opts])
            raise UserError(f"{name}: is given {times} times: give it once")


class Command(_InOneLanguage, TyperCommand):
    """A command, with its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words. A shell makes ``--source a.ledger b.ledger`` of ``--source *.ledger``:
        the words that follow an exported ledger are sources too."""
        return super().parse_args(ctx, [*_each_with_its_option(args)])


def _each_with_its_option(args: Sequence[str]) -> Iterator[str]:
    """Some words, with the option ``--source`` before each exported ledger that is one."""
    follows_ledger = False
    for before, word in zip(["", *args], args, strict=False):
        is_ledger = word.endswith(SUFFIX) and (before == SOURCE or follows_ledger)
        if is_ledger and before != SOURCE:
            yield SOURCE
        follows_ledger = is_ledger
        yield word


class CommandGroup(_InOneLanguage, TyperGroup):
    """Commands under one name, listed by task."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words: ``--lang vi COMMAND`` is ``COMMAND --lang vi``."""
        length = (
            2 if args[:1] == [OPTION] else int(args[:1] != [] and args[0].startswith(f"{OPTION}="))
        )
        language, rest = args[:length], args[length:]
        if rest and not rest[0].startswith("-"):
            args = [rest[0], *language, *rest[1:]]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does, under the headings of their tasks."""
        sections: dict[str, list[HelpEntry]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            if not command.hidden:
                summary = paragraphs(command.help)[0]
                task = command.rich_help_panel or "Commands"
                sections.setdefault(task, []).append((name, summary))
        _write(formatter, sections.items())


def _write(formatter: Any, sections: Iterable[tuple[str, Sequence[HelpEntry]]]) -> None:
    for heading, entries in sections:
        with formatter.section(translated(heading)):
            formatter.write_dl([(_with_names(name), _explained(text)) for name, text in entries])


def _explained(text: str) -> str:
    """What a parameter means, and in brackets behind it its default and its limits."""
    meaning, bracket, facts = text.partition("  [")
    if not bracket:
        return translated(meaning)
    each = map(translated, facts.removesuffix("]").split("; "))
    return f"{translated(meaning)}  [{'; '.join(each)}]"


def _with_names(words: str) -> str:
    """Some words in which the names of values are translated, and nothing else."""
    return METAVAR.sub(lambda name: translated(name[0]), words)

"""Reads the question that an address asks, and writes it again: as an address, as a command line.

An address asks as a command does: its path names the command, and its parameters are named like the
command's options. ``Question.read`` refuses a parameter that the page does not take, and a value
that means nothing. ``inputs.questions`` reads the values, for commands and pages alike.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.domain.provisions import IN_FORCE, REGIMES
from hoso.domain.windows import Window
from hoso.projections.documents.figures import DIMENSIONS, value_in_words
from hoso.projections.documents.model import Bilingual, Language, same
from hoso.tools.inputs import questions
from hoso.tools.inputs.questions import AfterSupplement, Attribution, Reschedule, RollUp

# Sets of parameters that pages take together.
WINDOW: Final = ("window", "from", "to")
SLICES: Final = ("by", "slice", "under", "roll-up", "attribution")
MOMENT: Final = ("as-of",)
PINS: Final = ("after-supplement", "supplement-limit", "reschedule", "pin")
RULES: Final = ("law", "law-as-of", *PINS)
# What side B of a comparison changes.
AGAINST_RULES: Final = ("against-law", "against-law-as-of", "against-pin")
AGAINST: Final = (
    *("against-window", "against-from", "against-to", "against-as-of", *AGAINST_RULES),
    *("against-slice", "against-under"),
)
# They may be given several times.
REPEATED: Final = ("slice", "pin", "against-slice", "against-pin", "check")
# What one page alone is asked for: a day and another one, two days of publication, days ahead.
OTHERS: Final = ("on", "against-on", "diff", "within", "backtest", "body", "check")
PAIRS: Final = ("diff",)  # two values, with a comma between them
# Parameters of the page alone: no command has them, and no figure depends on them.
VIEW: Final = ("sort", "page")
LANGUAGE: Final = "lang"
# Every parameter, in the order in which addresses and command lines have them. A page that needs
# another one adds it here.
PARAMETERS: Final = (
    *("account", "code", *WINDOW, *SLICES, *MOMENT, *RULES, *AGAINST, *OTHERS, *VIEW, LANGUAGE),
)
MOST_CHARS: Final = 500  # of a value
MOST_VALUES: Final = 100


@dataclass(frozen=True)
class Question:
    """What an address asks.

    ``path`` is the address without parameters and ending, ``command`` the words of the command
    that answers the same: ``("statement",)``, ``("explain", CODE)``. ``given`` are the parameters
    in canonical order, with their texts; ``language`` is that of the answer.
    """

    path: str
    command: tuple[str, ...]
    given: tuple[tuple[str, str], ...]
    language: Language

    @classmethod
    def read(
        cls,
        path: str,
        command: tuple[str, ...],
        items: Iterable[tuple[str, str]],
        known: Sequence[str],
        language: Language,
        repeated: Sequence[str] = (),
    ) -> "Question":
        """The question with some parameters, of which the page takes those that are ``known``, and
        those that are ``repeated`` several times.

        ``language`` is the one that the visitor prefers, where the address does not say it.
        Raises ``UserError`` for a parameter that is not known, and for one given twice.
        """
        items = list(items)
        if len(items) > MOST_VALUES:
            raise UserError(f"the address has {len(items)} parameters; give {MOST_VALUES} or fewer")
        for number, (name, text) in enumerate(items):
            before = [each for each, _ in items[:number] if each not in (*REPEATED, *repeated)]
            _check(name, text, before, known)
        filled = [(name, text) for name, text in items if text]
        filled.sort(key=lambda item: PARAMETERS.index(item[0]))
        chosen = next((text for name, text in filled if name == LANGUAGE), language)
        return cls(path, command, tuple(filled), "en" if chosen == "en" else "vi")

    def text(self, name: str) -> str | None:
        """The text of a parameter; None where it is not given."""
        return next((text for each, text in self.given if each == name), None)

    def texts(self, name: str) -> list[str]:
        """The texts of a parameter that may be given several times."""
        return [text for each, text in self.given if each == name]

    @cached_property
    def has_window(self) -> bool:
        """Whether any parameter says which window."""
        return any(self.text(name) for name in WINDOW)

    @cached_property
    def window(self) -> Window:
        """The window. Raises ``UserError`` where none is given."""
        return questions.window(self.text("from"), self.text("to"), self.text("window"))

    @cached_property
    def by(self) -> tuple[str, ...]:
        """The dimensions by which figures are split."""
        return tuple(questions.dimensions(self.text("by") or ""))

    @cached_property
    def only(self) -> dict[str, list[str | None]]:
        """The slices that are asked for: for each dimension, the values it may have."""
        return questions.slices(self.texts("slice"))

    @property
    def under(self) -> str | None:
        """The body of the registry that is asked for."""
        return self.text("under")

    @cached_property
    def as_of(self) -> datetime | None:
        """The as-of instant, in UTC; None: all that is recorded."""
        text = self.text("as-of")
        return None if text is None else questions.instant(text)

    @cached_property
    def policy(self) -> Policy:
        """The rules. Raises ``UserError`` for a law that is no regime: an address reads no file."""
        law = self.regime("law")
        limit = self.text("supplement-limit")
        if limit is not None and not (limit.isascii() and limit.isdigit()):
            raise UserError(f"--supplement-limit: no number {limit!r}: write 2")
        return questions.policy(
            law,
            self.text("law-as-of"),
            None if limit is None else int(limit),
            questions.one_of(AfterSupplement, "after-supplement", self.text("after-supplement")),
            questions.one_of(Reschedule, "reschedule", self.text("reschedule")),
            self.texts("pin"),
        )

    def regime(self, name: str) -> str | None:
        """The regime that a parameter names. Raises ``UserError`` for any other text: an address
        reads no file."""
        law = self.text(name)
        if law is not None and law not in REGIMES:
            raise UserError(f"--{name}: no regime {law!r}: use {', '.join(REGIMES)}")
        return law

    @cached_property
    def has_own_rules(self) -> bool:
        """Whether the question names other rules than those in force: for analysts."""
        return self.policy != Policy(law=IN_FORCE) or any(map(self.text, AGAINST_RULES))

    @cached_property
    def attribution(self) -> Attribution:
        """How figures are attributed after a transfer."""
        found = questions.one_of(Attribution, "attribution", self.text("attribution"))
        return found or Attribution.held

    @cached_property
    def roll_up(self) -> RollUp:
        """The day whose agencies are shown."""
        return questions.one_of(RollUp, "roll-up", self.text("roll-up")) or RollUp.then

    @cached_property
    def accounts(self) -> list[str]:
        """The figures that are asked for."""
        return [name.strip() for name in (self.text("account") or "").split(",") if name.strip()]

    @cached_property
    def on(self) -> date:
        """The day that is asked for; today without one."""
        return questions.day_or_today("--on", self.text("on"))

    @cached_property
    def against_on(self) -> date | None:
        """The other day that is asked for."""
        text = self.text("against-on")
        return None if text is None else questions.day("--against-on", text)

    @cached_property
    def diff(self) -> tuple[date, date] | None:
        """Two days of publication. Raises ``UserError`` where these are not two days."""
        if (text := self.text("diff")) is None:
            return None
        days = [questions.day("--diff", each.strip()) for each in text.split(",")]
        if len(days) != 2:
            raise UserError(f"--diff: {text!r} is not two days: write 2025-06-30,2026-08-05")
        return days[0], days[1]

    def check(self) -> None:
        """Raise ``UserError`` for the first parameter that means nothing."""
        for name, meaning in MEANINGS.items():
            if self.text(name) is not None:
                getattr(self, meaning)

    def changed(self, **changes: str | Sequence[str] | None) -> "Question":
        """The question with other parameters: ``changed(window="2023-Q1", as_of=None)``. None
        leaves a parameter out; a sequence gives it several times; ``from_`` is ``from``."""
        names = {key.strip("_").replace("_", "-"): value for key, value in changes.items()}
        kept = [item for item in self.given if item[0] not in names]
        new = [
            (name, text)
            for name, value in names.items()
            for text in ([value] if isinstance(value, str) else value or [])
        ]
        given = sorted(kept + new, key=lambda item: PARAMETERS.index(item[0]))
        return Question(self.path, self.command, tuple(given), self.language)

    def elsewhere(self, path: str, known: Sequence[str]) -> "Question":
        """The question of another page, with those parameters that it takes."""
        kept = tuple(item for item in self.given if item[0] in (*known, LANGUAGE))
        return Question(path, (), kept, self.language)

    def in_words(self, registry: AgencyRegistry) -> list[Bilingual]:
        """What the question says besides its window, part by part: slices, body, moment, rules."""
        parts = []
        if self.by:
            names = [DIMENSIONS[name] for name in self.by]
            names = [Bilingual(f"{vi[0].lower()}{vi[1:]}", en) for vi, en in names]
            parts.append(_both("theo {}", "by {}", *(_joined(names, each) for each in (0, 1))))
        for name, values in self.only.items():
            words = [value_in_words(name, value) for value in values]
            parts.append(
                Bilingual(*(f"{DIMENSIONS[name][i]}: {_joined(words, i)}" for i in (0, 1)))
            )
        if self.under is not None:
            parts.append(same(f"{registry.name(self.under)} ({self.under})"))
        if (text := self.text("as-of")) is not None:
            parts.append(_both("biết đến {}", "as known at {}", text, text))
        for option, text in self.given:
            if option in RULES:
                parts.append(same(f"{option} {text}"))
        return parts

    def address(self, ending: str = "") -> str:
        """The address that asks this, with the ending of a paper: ``.json``."""
        query = urlencode(self.given, safe="/:,=", quote_via=quote)
        return f"{quote(self.path)}{ending}{'?' if query else ''}{query}"

    def command_line(self, basis: Sequence[str]) -> str:
        """The command that answers the same, for a shell; ``basis`` are the options that say which
        history."""
        options = [
            word
            for name, text in self.given
            if name not in VIEW
            for word in (f"--{name}", *(text.split(",") if name in PAIRS else (text,)))
        ]
        first, *rest = self.command
        end_of_options = ["--"] if any(word.startswith("-") for word in rest) else []
        return shlex.join(["hoso", first, *basis, *options, *end_of_options, *rest])


MEANINGS: Final = {  # the attribute that says what a parameter means
    **dict.fromkeys(WINDOW, "window"),
    "by": "by",
    "slice": "only",
    "roll-up": "roll_up",
    "attribution": "attribution",
    "as-of": "as_of",
    **dict.fromkeys(RULES, "policy"),
    "on": "on",
    "against-on": "against_on",
    "diff": "diff",
}


def _both(vi: str, en: str, *texts: str) -> Bilingual:
    return Bilingual(vi.format(texts[0]), en.format(texts[1]))


def _joined(words: Iterable[Bilingual], language: int) -> str:
    return ", ".join(each[language] for each in words)


def _check(name: str, text: str, before: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a parameter that the page does not take, and a value that cannot mean anything."""
    if name not in known and name != LANGUAGE:
        takes = ", ".join((*known, LANGUAGE))
        raise UserError(f"no parameter {name[:60]!r}: this page takes {takes}")
    if name in before:
        raise UserError(f"--{name}: is given twice: leave one out")
    if len(text) > MOST_CHARS:
        raise UserError(f"--{name}: is longer than {MOST_CHARS} characters")
    if not text.isprintable():
        raise UserError(f"--{name}: has characters that cannot be seen: leave them out")
    if name == LANGUAGE and text not in ("vi", "en", ""):
        raise UserError(f"--lang: no language {text!r}: use vi or en")

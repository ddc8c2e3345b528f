"""Does every example in docs/RULES.md come out as it is written there?"""

import re
from datetime import date
from pathlib import Path

import pytest

from hoso.domain import kinds, law, rules
from hoso.domain.accounts import ACCOUNTS, VOIDED, WITHDRAWN
from hoso.domain.calendar import date_of, day_number
from hoso.domain.policy import Policy, period_on, terms_in
from hoso.domain.rules import NOTHING, Clock, PlainEvent
from hoso.tools.runtime.calendar import calendar

PAGE = (Path(__file__).parents[2] / "docs" / "RULES.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
LINE = re.compile(
    r"(?P<day>\S{10}) (?P<what>[a-z_ ]+?)(?P<rest>( \d| due| withdrawn| voided).*?)?$"
)


def plain_event(text: str) -> PlainEvent | None:
    """A line's event; None at the end of a day."""
    match = LINE.fullmatch(text.strip())
    assert match, text
    day, what, rest = match["day"], match["what"].strip(), (match["rest"] or "").split()
    if what == "end of day":
        return None
    due = day_number(date.fromisoformat(rest[1])) if rest[:1] == ["due"] else NOTHING
    allowance = int(rest[0]) if rest and rest[0].isdigit() else NOTHING
    detail = WITHDRAWN
    if what == "received":
        detail = int("calendar" in rest) + rules.ELSEWHERE_BIT * ("elsewhere" in rest)
    if rest == ["voided"]:
        detail = VOIDED
    kind = kinds.KINDS.index(what.replace(" ", "_"))
    return PlainEvent(kind, day_number(date.fromisoformat(day)), due, allowance, detail)


def outcome(clock: Clock, day: str, applied: bool) -> str:
    """What stands behind the arrow of a line."""
    if not applied:
        return "in suspense"
    account = rules.account(clock, day_number(date.fromisoformat(day)))
    return f"{ACCOUNTS[account]}, due {date_of(clock.due)}"


def worked(example: str) -> str:
    """The example with the outcome of each line as the rule book has it."""
    policy, clock, lines = Policy(), rules.BLANK, []
    for line in example.splitlines():
        told = line.partition("→")[0].rstrip()
        if told.startswith("policy"):
            _, name, value = told.split()
            policy = Policy.model_validate({name: value})
            lines.append(told)
            continue
        event = plain_event(told)
        applied = event is None or rules.applies(clock, event.kind)
        if event is not None and applied:
            law = policy.as_rules_read_it()
            terms = terms_in(law, period_on(law, 0, event.day))
            clock = rules.step(clock, event, terms, calendar().days)
        lines.append(f"{told:<44} → {outcome(clock, told[:10], applied)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_comes_out_as_written(example: str) -> None:
    assert worked(example) == example


def test_the_table_says_of_each_rule_what_the_law_says() -> None:
    _, _, refusals = PAGE.partition("## What does not apply")
    lines = (line for line in refusals.splitlines() if line.startswith("| "))
    rows = [line.strip("| ").split(" | ") for line in lines]
    written = {name: source.replace("–", "-") for name, _, source in rows if name != "rule"}
    sources = {rule.name: rule.source for rule in law.RULES}
    assert written == {name: sources[name] for name in written}


def test_every_rule_that_can_be_named_is_on_the_page() -> None:
    assert [rule.name for rule in law.RULES if rule.name not in PAGE] == []

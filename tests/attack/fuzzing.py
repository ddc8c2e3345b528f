"""How many attacks does a test make, how are they counted, and what may a command answer?

``make test`` makes the same few each time. ``make attack`` makes new ones, round after round.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, settings

from tests.command import Outcome

Test = TypeVar("Test", bound=Callable[..., Any])
COMMON: Final = 100  # examples of a test in the profile of ``make test``
UNTIL: Final = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
TALLY: Final = "HOSO_ATTACK_TALLY"  # the file for the counts, of ``make attack`` only
AT_LENGTH: Final = TALLY in os.environ  # whether there are minutes
tally: Counter[str] = Counter()


def attacks(number: int) -> Callable[[Test], Test]:
    """Have a property tried so many times in ``make test``, and more where the profile says so."""
    assert settings.default is not None
    examples = max(number * settings.default.max_examples // COMMON, 1)
    return settings(
        max_examples=examples,
        suppress_health_check=[*UNTIL, HealthCheck.data_too_large],
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )


def tried(what: str, outcome: Outcome | None = None) -> None:
    """Count an attack, and what became of it."""
    tally[what] += 1
    if outcome is not None:
        tally[f"{what}, status {outcome.status}"] += 1


def is_one_answer(outcome: Outcome) -> bool:
    """Whether a command works, or says in lines that can be printed what is wrong."""
    assert outcome.status in (0, 1, 2), outcome
    assert "Traceback" not in outcome.err, outcome
    assert "fault of hoso" not in outcome.err, outcome
    assert all(line.isprintable() for line in outcome.err.split("\n")), outcome
    assert all(line.isprintable() for line in outcome.out.split("\n")), outcome
    if outcome.status == 2:
        assert outcome.out == "", outcome
        assert outcome.err.splitlines()[-1].startswith("hoso: "), outcome
    return True

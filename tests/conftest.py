"""What do all tests share? How hard generated ones look, the real servers, and the
consumers that read from one into another.

The same examples every time, or twenty times as many: ``HYPOTHESIS_PROFILE=thorough pytest
tests/property`` draws new ones at each run.
"""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.command import no_more_commands
from tests.services.fixtures import broker, database, postgres, topic
from tests.torment.fixtures import launcher, nursery, place

__all__ = ["broker", "database", "launcher", "nursery", "place", "postgres", "topic"]

settings.register_profile(
    "deterministic",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough",
    settings.get_profile("deterministic"),
    max_examples=2_000,
    derandomize=False,
)
# What a shell runs in the background ignores interrupts, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "deterministic"))


@pytest.fixture(scope="session", autouse=True)
def commands() -> Iterator[None]:
    """What runs the tests' commands goes with the last of them."""
    yield
    no_more_commands()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first of what each of two workers is dealt."""
    longest = [item for item in items if "torment" in item.nodeid]
    items[:] = [item for item in items if item not in longest]
    for number, item in enumerate(longest):
        items.insert(number * len(items) // len(longest), item)

"""What do all tests share? How hard generated ones look, the real servers, and the
consumers that read from one into another.

The same examples every time, or twenty times as many: ``HYPOTHESIS_PROFILE=thorough pytest
tests/property`` draws new ones at each run. ``brief`` draws a few.
"""

import os
import signal
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, Phase, settings

from hoso.tools.runtime.workers import cores
from tests.command import no_more_commands
from tests.services.fixtures import broker, database, postgres, topic
from tests.torment.fixtures import launcher, nursery, place

__all__ = ["broker", "database", "launcher", "nursery", "place", "postgres", "topic"]

LONGEST = ("torment/", "test_spark", "test_against_the_model")  # the longest first

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
# Few examples, and none made simpler: for tests/mutations, where a failure is what is wanted.
settings.register_profile(
    "brief",
    settings.get_profile("deterministic"),
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
)
settings.register_profile(  # of ``make attack``: as many as in ``make test``, others at each round
    "attack", settings.get_profile("deterministic"), derandomize=False
)
# What a shell runs in the background ignores interrupts, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "deterministic"))


@pytest.fixture(scope="session", autouse=True)
def commands() -> Iterator[None]:
    """What runs the tests' commands goes with the last of them."""
    yield
    no_more_commands()


@pytest.hookimpl(optionalhook=True)  # without xdist, nobody asks
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: the longest tests mostly wait, for servers and for time."""
    return cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first of what each worker is dealt, which is a stretch of them."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    longest = [item for part in LONGEST for item in items if part in item.nodeid]
    rest, dealt = iter([item for item in items if item not in longest]), list[pytest.Item]()
    for worker in range(workers):
        mine = longest[worker::workers]
        room = len(items) * (worker + 1) // workers - len(dealt) - len(mine)
        dealt += [*mine, *islice(rest, room)]
    items[:] = dealt

"""Says how long a visitor must wait: after failed logins, and after very many requests.

Waits grow with the failures, and end by themselves. They hold for one name from one network, and
more mildly for a whole network: so nobody keeps others out by failing in their name. A network is
an IPv4 address, or the first 64 bits of an IPv6 address. What is remembered is bounded; at more,
what is oldest is forgotten.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address
from time import monotonic
from typing import Final, NamedTuple

MOST: Final = 20_000  # names and networks that are remembered
FORGET_S: Final = 3_600.0  # failures before that do not count
PREFIX_BITS: Final = 64


class Waits(NamedTuple):
    """How waits grow: none for the first ``free`` failures, then a second, doubled each time up to
    ``longest_s``."""

    free: int
    longest_s: float

    def after(self, failures: int) -> float:
        """The wait after some failures, in seconds."""
        beyond = failures - self.free
        return 0.0 if beyond <= 0 else min(2.0 ** min(beyond - 1, 20), self.longest_s)


OF_NAME: Final = Waits(4, 900.0)  # one name from one network
OF_NETWORK: Final = Waits(40, 30.0)  # all names from one network, such as a whole office


class Failed(NamedTuple):
    """How many logins failed, and when the last one did."""

    times: int
    last_s: float


class Failures:
    """Failed logins, by what failed: a name from a network, or a network."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[Hashable, Failed] = OrderedDict()

    def wait_s(self, name: str, address: str) -> float:
        """For how many seconds a login of a name from an address is refused; 0.0 if it is not."""
        at = network(address)
        return max(self._left((name, at), OF_NAME), self._left(at, OF_NETWORK))

    def add(self, name: str, address: str) -> None:
        """Count a failed login."""
        at, now = network(address), self._clock()
        for key in ((name, at), at):
            before = self._failed.pop(key, None)
            times = before.times if before and now - before.last_s < FORGET_S else 0
            self._failed[key] = Failed(times + 1, now)
        while len(self._failed) > MOST:
            self._failed.popitem(last=False)

    def forget(self, name: str, address: str) -> None:
        """A login succeeded, which was counted: it does not count, nor do the failures of this name
        from this network."""
        at = network(address)
        self._failed.pop((name, at), None)
        if (failed := self._failed.get(at)) is not None:
            self._failed[at] = failed._replace(times=failed.times - 1)

    def _left(self, key: Hashable, waits: Waits) -> float:
        failed = self._failed.get(key)
        if failed is None:
            return 0.0
        since = self._clock() - failed.last_s
        return 0.0 if since >= FORGET_S else max(0.0, waits.after(failed.times) - since)


class Rates:
    """Counts requests: a visitor may send ``burst`` at once, and ``per_s`` each second."""

    def __init__(self, per_s: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests, at seconds

    def wait_s(self, key: str) -> float:
        """Count a request; returns 0.0, or for how many seconds it is refused."""
        now = self._clock()
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_s)
        allowed = left >= 1
        self._left[key] = (left - allowed, now)
        if len(self._left) > MOST:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_s


def network(address: str) -> str:
    """The network of an address, as one party: an IPv4 address, or the first 64 bits of IPv6."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(IPv6Address(int(ip) >> PREFIX_BITS << PREFIX_BITS))
    return str(ip)

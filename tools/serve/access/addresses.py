"""Knows by which address visitors reach the server, and which computers stand between.

The public address is what visitors type. A request that names another host is refused: so no other
site can point its own name at this server and read pages through a visitor's browser (DNS
rebinding). Behind a proxy, and only there, its headers say who asks.
"""

from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from hoso.domain.errors import UserError

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
Networks = tuple[IPv4Network | IPv6Network, ...]


class PublicAddress(NamedTuple):
    """How visitors reach the server: the scheme, the names of its host, and the port.

    The first name is the one of links that leave the page, such as those of a login elsewhere.
    """

    scheme: str
    names: tuple[str, ...]
    port: int

    @property
    def is_encrypted(self) -> bool:
        """Whether visitors use HTTPS."""
        return self.scheme == "https"

    @property
    def is_local(self) -> bool:
        """Whether only this computer reaches the server by this address."""
        return all(is_loopback(name) for name in self.names)

    def origin(self, host: str | None = None) -> str:
        """The origin, as browsers name it: of a ``Host`` that fits, or of the first name."""
        if host is not None:
            return f"{self.scheme}://{host.lower()}"
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.names[0]}{port}"

    def fits(self, host: str) -> bool:
        """Whether a ``Host`` names this server."""
        name, port = _split(host.lower())
        return name in self.names and port in (
            str(self.port),
            "" if self.port == DEFAULT_PORTS[self.scheme] else None,
        )


def public_address(url: str | None, host: str, port: int, *, encrypted: bool) -> PublicAddress:
    """The address by which visitors reach the server: as ``--public-url`` says, else where the
    server listens. ``encrypted``: it answers by HTTPS itself.

    Raises ``UserError`` for a URL that is none, and where the server listens to others and nobody
    says by which name they reach it.
    """
    if url is None:
        if not is_loopback(host):
            fault = f"needs --public-url: the address that visitors type, such as https://{host}"
            raise UserError(f"--host {host}: {fault}")
        names = tuple(dict.fromkeys((*LOOPBACK_NAMES, host)))
        return PublicAddress("https" if encrypted else "http", names, port)
    try:
        parts = urlsplit(url)
        number = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        parts, number = urlsplit(""), 0
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.username:
        raise UserError(f"--public-url: {url[:80]!r} is no address: write https://hoso.example.vn")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return PublicAddress(parts.scheme, (name,), number)


def is_loopback(host: str) -> bool:
    """Whether a host is this computer itself, as only programs on it reach it."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def networks(option: str, texts: Collection[str]) -> Networks:
    """The networks that some addresses stand for: ``10.0.0.5``, ``10.0.0.0/24``.

    Raises ``UserError``, which names the option.
    """
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError:
        shown = ", ".join(texts)[:80]
        raise UserError(f"{option}: {shown!r}: write addresses such as 10.0.0.5") from None


def is_among(address: str, known: Networks) -> bool:
    """Whether an address is in one of some networks."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in network for network in known)


def visitors_address(address: str, headers: Mapping[str, str], proxies: Networks) -> str:
    """The address of the computer that asks: of a proxy's request, the last one that the proxy
    names in ``X-Forwarded-For``. What stands before that, anybody may have written."""
    if not is_among(address, proxies):
        return address
    named = [part.strip() for part in headers.get("x-forwarded-for", "").split(",")]
    for part in reversed(named):
        if part and not is_among(part, proxies):
            return part[:64]
    return address


def _split(host: str) -> tuple[str, str]:
    """The name and the port of a host; an IPv6 address stands in brackets."""
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and not host.endswith("]") else (host, "")

"""Reads from the options of ``hoso serve`` how visitors come in, and refuses what is not safe.

On this computer alone, nobody needs to say who they are. Any other address needs a way to say so,
and HTTPS: of the server itself, or of a proxy in front of it.
"""

import ssl
from collections.abc import Sequence
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.errors import UserError
from hoso.tools.serve.access.addresses import PublicAddress, is_loopback, public_address
from hoso.tools.serve.access.gate import NO_WAYS, Gate, Ways, proxies_of
from hoso.tools.serve.access.grants import Grant
from hoso.tools.serve.access.openid import read_openid
from hoso.tools.serve.access.proxy import read_proxy_users
from hoso.tools.serve.access.users import UsersFile

HOW_TO_LET_IN: Final = (
    "others than this computer must say who they are: give --users FILE (hoso users add NAME makes "
    "it), --openid FILE or --proxy-users FILE"
)
HOW_TO_ENCRYPT: Final = (
    "others than this computer need HTTPS: give --tls-certificate and --tls-key, or --behind-proxy "
    "ADDRESS and an https:// --public-url"
)


class Entrance(NamedTuple):
    """What the options say: where the server listens, by which address and how visitors come."""

    host: str
    port: int
    public_url: str | None = None
    users: str | None = None
    openid: str | None = None
    proxy_users: str | None = None
    behind_proxy: Sequence[str] = ()
    tls_certificate: str | None = None
    tls_key: str | None = None
    log_codes: bool = False

    def ways(self) -> Ways:
        """The ways to say who one is, read from their files. Raises ``UserError``."""
        return Ways(
            UsersFile(self.users) if self.users is not None else None,
            read_openid(self.openid) if self.openid is not None else None,
            read_proxy_users(self.proxy_users) if self.proxy_users is not None else None,
        )

    def gate(self, port: int, registry: AgencyRegistry) -> Gate:
        """The gate of a server that listens on a port.

        Raises ``UserError`` for what is not safe, and for grants of bodies that are in no registry.
        """
        ways = self.ways()
        if ways == NO_WAYS and not is_loopback(self.host):
            raise UserError(f"--host {self.host}: {HOW_TO_LET_IN}")
        own = public_address(self.public_url, self.host, port, encrypted=self.is_encrypted)
        if ways == NO_WAYS and not own.is_local:
            raise UserError(f"--public-url {own.origin()}: {HOW_TO_LET_IN}")
        self._check_encryption(own)
        _check_bodies(ways, registry)
        return Gate(own, ways, proxies_of(self.behind_proxy, ways))

    @property
    def is_encrypted(self) -> bool:
        """Whether the server itself answers by HTTPS."""
        return self.tls_certificate is not None

    def tls(self) -> ssl.SSLContext | None:
        """The certificate and the key, read from their files; None without them. Raises
        ``UserError``."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise UserError("give --tls-certificate and --tls-key, or neither")
        if self.tls_certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.tls_certificate, self.tls_key, password=lambda: "")
        except (OSError, ValueError) as error:
            files = f"{self.tls_certificate}, {self.tls_key}"
            why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise UserError(f"--tls-certificate: {files}: {why}") from None
        return context

    def _check_encryption(self, own: PublicAddress) -> None:
        if own.is_local:
            return
        if not own.is_encrypted or not (self.is_encrypted or self.behind_proxy):
            raise UserError(f"--public-url {own.origin()}: {HOW_TO_ENCRYPT}")


def _check_bodies(ways: Ways, registry: AgencyRegistry) -> None:
    """Raises ``UserError`` for a grant of a body that the registry does not have."""
    for name, grant in _grants(ways):
        for body in grant.bodies or ():
            if body not in registry.agencies:
                where = "the registry has no such body" if registry.agencies else "needs --registry"
                raise UserError(f"{name}: body {body!r}: {where}")


def _grants(ways: Ways) -> list[tuple[str, Grant]]:
    users = ways.users.now().by_name.values() if ways.users else ()
    found = [(user.name, user.grant) for user in users]
    for each in (ways.openid, ways.proxy_users):
        found += [*each.grants.items()] if each else []
    return found

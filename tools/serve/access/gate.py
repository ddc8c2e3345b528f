"""Finds out whom a request comes from, by what the request says of itself.

There are three ways to say who one is: as a user of the file (a login with a password, or a bearer
token), by OpenID Connect, and through a proxy. A gate without any of them is open: everybody is
``LOCAL``. Only a server that nobody but this computer reaches may have an open gate.

What a visitor may do is looked up at each request. So whoever is taken out of a file is out at
once, however long the session would last.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.tools.serve.access.addresses import Networks, PublicAddress, is_among, networks
from hoso.tools.serve.access.forgery import FormTokens
from hoso.tools.serve.access.limits import Failures, Rates
from hoso.tools.serve.access.openid import OpenId, OpenIdSettings
from hoso.tools.serve.access.proxy import ProxyUsers
from hoso.tools.serve.access.sessions import Session, Sessions
from hoso.tools.serve.access.users import UsersFile
from hoso.tools.serve.access.visitor import LOCAL, NOBODY, Visitor

PASSWORD, OPENID = "password", "openid"  # ways to log in
BEARER: Final = "bearer "
AFTER_OPENID: Final = "/login/openid/back"  # where the provider sends browsers back to


class NotBelieved(Exception):
    """A request that says who it is from, and is not; the text says what is wrong."""


class Ways(NamedTuple):
    """How visitors may say who they are: the file of users, OpenID Connect, a proxy."""

    users: UsersFile | None = None
    openid: OpenIdSettings | None = None
    proxy_users: ProxyUsers | None = None


NO_WAYS: Final = Ways()


class Gate:
    """Who may come in, and the logins and failures so far. One thread uses it."""

    def __init__(self, own: PublicAddress, ways: Ways = NO_WAYS, proxies: Networks = ()) -> None:
        """``own`` is the server's address; ``proxies`` are those whose headers are believed."""
        self.address, self.ways, self.proxies = own, ways, proxies
        self.openid = OpenId(ways.openid) if ways.openid else None
        self.sessions, self.form_tokens, self.failures = Sessions(), FormTokens(), Failures()
        self.rates_of_visitors, self.rates_of_networks = Rates(50, 500), Rates(20, 200)

    @property
    def is_open(self) -> bool:
        """Whether everybody may do everything."""
        return self.ways == NO_WAYS

    @property
    def cookie(self) -> str:
        """The name of the cookie. With ``__Host-``, only this host can set it, by HTTPS."""
        return "__Host-hoso" if self.address.is_encrypted else "hoso"

    def visitor(self, peer: str, headers: Mapping[str, str], cookie: str) -> Visitor:
        """Whom a request comes from: ``NOBODY`` if it does not say.

        ``peer`` is the address of the other end, a proxy's or a visitor's; ``headers`` have
        lower-case names. Raises ``NotBelieved`` for a token that is nobody's, and for a proxy's
        header from elsewhere; ``UserError`` while the file of users has a fault.
        """
        if self.is_open:
            return LOCAL
        token = bearer_token(headers)
        if token is not None:
            return self._of_token(token)
        return self._of_proxy(peer, headers) or self._of_session(cookie) or NOBODY

    def _of_token(self, token: str) -> Visitor:
        users = self.ways.users.now() if self.ways.users else None
        user = users.of_token(token, datetime.now(UTC).date()) if users else None
        if user is None:
            raise NotBelieved("the bearer token is not valid")
        return user.visitor

    def _of_proxy(self, peer: str, headers: Mapping[str, str]) -> Visitor | None:
        proxy_users = self.ways.proxy_users
        if proxy_users is None or not proxy_users.is_named_in(headers):
            return None
        if not is_among(peer, self.proxies):
            raise NotBelieved("only the proxy says who asks")
        return proxy_users.visitor(headers)

    def _of_session(self, cookie: str) -> Visitor | None:
        session = self.sessions.find(cookie) if cookie else None
        return self._logged_in(session) if session is not None else None

    def _logged_in(self, session: Session) -> Visitor | None:
        """The visitor of a session, as the files say now; None for one who is in none of them."""
        if session.way == OPENID and self.openid is not None:
            return self.openid.settings.visitor(session.person)
        users = self.ways.users.now().by_name if self.ways.users else {}
        user = users.get(session.person.name)
        if user is None or session.logged_in_at < user.since:
            return None
        return user.visitor


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The bearer token of a request; None without one."""
    given = headers.get("authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else None


def proxies_of(texts: Sequence[str], ways: Ways) -> Networks:
    """The proxies that ``--behind-proxy`` names. Raises ``UserError`` where a proxy is to say who
    asks and none is named."""
    if ways.proxy_users is not None and not texts:
        raise UserError("--proxy-users: needs --behind-proxy: the address of the proxy")
    return networks("--behind-proxy", texts)
